import { seededRandom } from "../../../src/lib/index.ts";
import type { CallRecord } from "../../../src/simulators/calls.ts";
import type { HandledCall } from "../../../src/simulators/handled-call.ts";
import { simulatedModels } from "../../../src/simulators/index.ts";

/** A call of a model that was let in, as its handler gets it. */
export function newCall(
  modelId: string,
  body: unknown,
  headers: Record<string, string> = {},
): HandledCall {
  const model = simulatedModels.find((each) => each.id === modelId);
  if (model === undefined) throw new Error(`No model ${modelId}`);
  const record: CallRecord = {
    requestId: "00000000-0000-0000-0000-000000000000",
    time: 0,
    model: modelId,
    requestedModel: modelId,
    operation: "InvokeModel",
    amznHeaders: {},
    status: 0,
    aborted: false,
    finished: false,
    bytesSent: 0,
    framesSent: 0,
    inputTokens: 0,
    outputTokensSent: 0,
  };
  return {
    names: [modelId],
    model,
    body: Buffer.from(JSON.stringify(body)),
    headers,
    record,
    seed: 1,
    now: 0,
    random: seededRandom(1),
    newToolUseId: () => "tooluse_1",
    pace: () => ({ firstTokenMs: 100, msPerToken: 10 }),
    bend: (answer) => answer,
  };
}
