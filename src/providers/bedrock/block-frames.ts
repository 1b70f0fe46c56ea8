import type {
  ContentBlockDelta,
  ContentBlockStart,
  ReasoningContentBlockDelta,
} from "@aws-sdk/client-bedrock-runtime";
import type { Frame } from "../../openai/index.ts";
import { ProviderError } from "../provider-error.ts";
import type { Reading } from "./converse-request.ts";
import { toldBytes, toldText } from "./told.ts";

/** A call under way; the answer's own tool has no index, for its input is told as text. */
interface OpenCall {
  index: number | undefined;
  hasArguments: boolean;
}

/** The blocks of one stream: Bedrock counts them over all kinds, OpenAI its calls alone. */
export class BlockFrames {
  readonly #reading: Reading;
  readonly #calls = new Map<number, OpenCall>();
  #callCount = 0;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  get callCount(): number {
    return this.#callCount;
  }

  start(block: number, start: ContentBlockStart | undefined): Frame[] {
    const { toolUseId: id, name: wire } = start?.toolUse ?? {};
    if (start?.toolUse === undefined) return [];
    if (id === undefined || wire === undefined) throw malformed();
    const name = this.#reading.names.toClient(toldText(wire));
    if (name === this.#reading.answerTool) {
      this.#calls.set(block, { index: undefined, hasArguments: false });
      return [];
    }
    const index = this.#callCount;
    this.#callCount += 1;
    this.#calls.set(block, { index, hasArguments: false });
    return [{ type: "toolCall", index, id: toldText(id), name }];
  }

  delta(block: number, delta: ContentBlockDelta | undefined): Frame[] {
    if (delta?.text !== undefined) return textFrame(toldText(delta.text));
    if (delta?.reasoningContent !== undefined) return reasoningFrames(delta.reasoningContent);
    return delta?.toolUse === undefined
      ? []
      : this.#arguments(block, toldText(delta.toolUse.input ?? ""));
  }

  /** A tool without arguments still gets an object. */
  stop(block: number): Frame[] {
    const call = this.#calls.get(block);
    if (call === undefined || call.hasArguments) return [];
    return this.#arguments(block, "{}");
  }

  #arguments(block: number, text: string): Frame[] {
    const call = this.#calls.get(block);
    if (call === undefined) throw malformed();
    if (text === "") return [];
    call.hasArguments = true;
    const { index } = call;
    return index === undefined
      ? [{ type: "text", text }]
      : [{ type: "toolArguments", index, text }];
  }
}

const malformed = (): ProviderError =>
  new ProviderError("malformed_reply", "The model called a tool without naming it");

const textFrame = (text: string): Frame[] => (text === "" ? [] : [{ type: "text", text }]);

function reasoningFrames(delta: ReasoningContentBlockDelta): Frame[] {
  if (delta.redactedContent !== undefined) {
    return [{ type: "redactedReasoning", data: toldBytes(delta.redactedContent) }];
  }
  if (delta.signature !== undefined) {
    return [{ type: "reasoningSignature", signature: toldText(delta.signature) }];
  }
  return delta.text === undefined || delta.text === ""
    ? []
    : [{ type: "reasoning", text: toldText(delta.text) }];
}
