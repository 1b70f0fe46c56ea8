import OpenAI from "openai";
import type { Local } from "../../support/start-local.ts";

/** What a client sees of one answer: through the openai package, and as it came. */
export interface Seen {
  status: number;
  headers: Headers;
  requestId: string;
  raw: string;
  /** The content that the client got. */
  text: string;
  finishReason: string | null;
  /** What the package threw. */
  error: unknown;
}

/**
 * Asks as users of the package do; it does not retry by itself, which would hide what the router answers.
 *
 * @param onFirstByte called when the answer's first byte has come
 */
export async function ask(
  { url }: Local,
  model: string,
  streamed: boolean,
  onFirstByte: () => void = () => undefined,
): Promise<Seen> {
  const seen = {
    status: 0,
    headers: new Headers(),
    requestId: "",
    raw: "",
    text: "",
    finishReason: null,
    error: undefined,
  } as Seen;
  const client = new OpenAI({
    baseURL: `${url}/v1`,
    apiKey: "none",
    maxRetries: 0,
    // The package leaves a stream at its error: it is given what has come to its end.
    fetch: async (...asked) => {
      const response = await fetch(...asked);
      const { status, headers } = response;
      seen.raw = await readBody(response, onFirstByte);
      seen.requestId = headers.get("x-switchyard-request-id") ?? "";
      Object.assign(seen, { status, headers });
      return new Response(seen.raw, { status, headers });
    },
  });
  const messages = [{ role: "user" as const, content: "Count from 1 to 30" }];
  try {
    if (streamed) await readStream(client, { model, messages }, seen);
    else await readWhole(client, { model, messages }, seen);
  } catch (error) {
    seen.error = error;
  }
  return seen;
}

async function readBody({ body }: Response, onFirstByte: () => void): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body ?? []) {
    if (parts.push(part as Uint8Array) === 1) onFirstByte();
  }
  return Buffer.concat(parts).toString("utf8");
}

type Body = Pick<OpenAI.ChatCompletionCreateParams, "model" | "messages">;

async function readWhole(client: OpenAI, body: Body, seen: Seen): Promise<void> {
  const { choices } = await client.chat.completions.create(body);
  seen.text = choices[0]?.message.content ?? "";
  seen.finishReason = choices[0]?.finish_reason ?? null;
}

async function readStream(client: OpenAI, body: Body, seen: Seen): Promise<void> {
  for await (const { choices } of await client.chat.completions.create({ ...body, stream: true })) {
    seen.text += choices[0]?.delta.content ?? "";
    seen.finishReason = choices[0]?.finish_reason ?? seen.finishReason;
  }
}
