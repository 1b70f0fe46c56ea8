import type {
  ConverseStreamMetadataEvent,
  ConverseStreamOutput,
} from "@aws-sdk/client-bedrock-runtime";
import type { FinishReason, Frame } from "../../openai/index.ts";
import type { CallFacts } from "../contract.ts";
import { ProviderError } from "../provider-error.ts";
import { asStreamBreak } from "../aws-error.ts";
import { BlockFrames } from "./block-frames.ts";
import type { Reading } from "./converse-request.ts";
import { finishReason } from "./finish-reason.ts";
import { toldFacts } from "./told-facts.ts";
import { readTold } from "./told.ts";
import { readUsage } from "./usage.ts";
import { emptyReply, mayBeEmpty } from "./whole-reply.ts";

/**
 * Reads one stream of Converse, event by event. Bedrock tells why it stopped before it tells the
 * usage, and the stream counts as whole only with both: so the end is told once both are there.
 */
export class StreamReader {
  readonly #blocks: BlockFrames;
  readonly #facts: CallFacts;
  #given = false;
  #reason: FinishReason | undefined;
  #mayBeEmpty = false;
  #complete = false;

  /** @param facts completed by what the stream tells of itself */
  constructor(reading: Reading, facts: CallFacts) {
    this.#blocks = new BlockFrames(reading);
    this.#facts = facts;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** @throws ProviderError malformed_reply or empty_reply */
  read(event: ConverseStreamOutput): Frame[] {
    const frames = readTold(() => this.#frames(event));
    this.#given ||= frames.length > 0;
    return frames;
  }

  /** What an error of the transport means at this point of the stream. */
  broken(error: unknown): unknown {
    return this.#given ? asStreamBreak(error) : error;
  }

  /** @throws ProviderError stream_broken where the stream ended before it was complete */
  end(): void {
    if (this.#complete) return;
    throw new ProviderError("stream_broken", "The model's answer broke off", {
      requestId: this.#facts.requestId,
    });
  }

  #frames(event: ConverseStreamOutput): Frame[] {
    if (event.contentBlockDelta !== undefined) {
      const { contentBlockIndex = 0, delta } = event.contentBlockDelta;
      return this.#blocks.delta(contentBlockIndex, delta);
    }
    if (event.contentBlockStart !== undefined) {
      const { contentBlockIndex = 0, start } = event.contentBlockStart;
      return this.#blocks.start(contentBlockIndex, start);
    }
    if (event.contentBlockStop !== undefined) {
      return this.#blocks.stop(event.contentBlockStop.contentBlockIndex ?? 0);
    }
    if (event.messageStop !== undefined) this.#stop(event.messageStop.stopReason);
    return event.metadata === undefined ? [] : this.#finish(event.metadata);
  }

  #stop(stopReason: string | undefined): void {
    const reason = finishReason(stopReason);
    this.#mayBeEmpty = mayBeEmpty(stopReason);
    const unwrapped = reason === "tool_calls" && this.#blocks.callCount === 0;
    this.#reason = unwrapped ? "stop" : reason;
  }

  #finish(metadata: ConverseStreamMetadataEvent): Frame[] {
    if (this.#reason === undefined) return [];
    this.#complete = true;
    Object.assign(this.#facts, toldFacts(metadata));
    const usage = readUsage(metadata.usage);
    if (!this.#given && !this.#mayBeEmpty) throw emptyReply(usage);
    const finish: Frame = { type: "finish", reason: this.#reason };
    return usage === undefined ? [finish] : [finish, { type: "usage", usage }];
  }
}
