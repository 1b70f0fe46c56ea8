import OpenAI from "openai";
import type { Local } from "./start-local.ts";

/** The package as users have it, but for its own retries, which would hide what the router answers. */
export function openAiClient({ url }: Pick<Local, "url">, apiKey = "none"): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, timeout: 20_000 });
}

/** What a client was thrown; fails where it was not. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

/** As `errorOf`, for those that bear a status and a code. */
export async function apiErrorOf(
  promise: PromiseLike<unknown>,
): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error = await errorOf(promise);
  if (error instanceof OpenAI.APIError) return error;
  throw new Error("Something else than an APIError was thrown", { cause: error });
}
