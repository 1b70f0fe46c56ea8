import { BedrockRuntimeClient, type ConverseStreamOutput } from "@aws-sdk/client-bedrock-runtime";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";

import type { SimulatorCredentials } from "../../../src/simulators/index.ts";

export const claude = "anthropic.claude-sonnet-4-20250514-v1:0";
export const llama = "meta.llama3-1-8b-instruct-v1:0";
export const nova = "amazon.nova-pro-v1:0";
export const chatEndpoint = "llama-3-1-8b-chat";
export const tgiEndpoint = "mistral-7b-tgi";

/** The SDK's clients, unmodified but for the endpoint and one attempt a call. */
export function awsClients(endpoint: string, credentials: SimulatorCredentials) {
  const options = {
    endpoint,
    credentials,
    region: "us-east-1",
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ requestTimeout: 30_000, throwOnRequestTimeout: true }),
  };
  return {
    bedrock: new BedrockRuntimeClient(options),
    sagemaker: new SageMakerRuntimeClient(options),
  };
}

export const userSays = (...texts: string[]) => [
  { role: "user" as const, content: texts.map((text) => ({ text })) },
];

/** All events of a stream, and what it threw at its end. */
export async function drain<T>(
  stream: AsyncIterable<T> | undefined,
): Promise<{ events: T[]; thrown?: Error }> {
  const events: T[] = [];
  try {
    for await (const event of stream ?? []) events.push(event);
    return { events };
  } catch (error) {
    return { events, thrown: error as Error };
  }
}

export const textOf = (events: readonly ConverseStreamOutput[]): string =>
  events.map((event) => event.contentBlockDelta?.delta?.text ?? "").join("");

/** Waits until something holds, at most ten seconds; says by its result whether it did. */
export async function eventually(holds: () => boolean): Promise<boolean> {
  for (const giveUpAt = Date.now() + 10_000; Date.now() < giveUpAt;) {
    if (holds()) return true;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  return holds();
}
