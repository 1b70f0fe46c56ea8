import type { BedrockRuntimeClient, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime";
import type { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { skewToldBy } from "./clock-skew.ts";

type Plugin = Parameters<BedrockRuntimeClient["middlewareStack"]["use"]>[0];
type SageMakerPlugin = Parameters<SageMakerRuntimeClient["middlewareStack"]["use"]>[0];
type CommandPlugin = Parameters<InvokeModelCommand["middlewareStack"]["use"]>[0];

const identity: Plugin = {
  applyToStack: (stack) => {
    stack.add(
      (next) => async (args) => {
        headersOf(args.request)["accept-encoding"] = "identity";
        return next(args);
      },
      { step: "build", name: "switchyardUnzipped", override: true },
    );
  },
};

/** Asks for answers as they are: a proxy that compresses would hold a stream back. */
export const unzipped = identity as Plugin & SageMakerPlugin;

type AnyClient = BedrockRuntimeClient | SageMakerRuntimeClient;

/** Takes AWS's clock from refusals of streams too, from which the SDK does not. */
export function followClock({ config, middlewareStack }: AnyClient): void {
  const following: Plugin = {
    applyToStack: (stack) => {
      stack.add(
        (next) => async (args) => {
          const assumedMs = config.systemClockOffset;
          try {
            return await next(args);
          } catch (error) {
            config.systemClockOffset = skewToldBy(error, assumedMs) ?? config.systemClockOffset;
            throw error;
          }
        },
        { step: "initialize", name: "switchyardClock", override: true },
      );
    },
  };
  middlewareStack.use(following as Plugin & SageMakerPlugin);
}

/** Bedrock counts an embedding's tokens in headers that its service model does not declare. */
export function rawHeaders(): { plugin: CommandPlugin; headers: () => Record<string, string> } {
  let headers: Record<string, string> = {};
  const plugin: CommandPlugin = {
    applyToStack: (stack) => {
      stack.add(
        (next) => async (args) => {
          const result = await next(args);
          headers = headersOf(result.response);
          return result;
        },
        { step: "deserialize", priority: "low", name: "switchyardRawHeaders", override: true },
      );
    },
  };
  return { plugin, headers: () => headers };
}

function headersOf(message: unknown): Record<string, string> {
  const { headers = {} } = message as { headers?: Record<string, string> };
  return headers;
}
