import type { Frame } from "../../openai/index.ts";
import type { ChatCall } from "../contract.ts";

/** Frames out of one answer's events. */
export interface AnswerReader {
  /**
   * The frames of what the event adds to the answer; how it ends is kept for `ending`.
   *
   * @throws ProviderError on an event that tells of a failure or that cannot be read
   */
  read(event: unknown): Frame[];
  /** The mark of an event stream's end, `[DONE]`, has come. */
  markDone(): void;
  /** No event that counts can follow: the connection's end need not be waited for. */
  readonly complete: boolean;
  /** The terminal frame and the usage, once no event is left; none where the answer broke off. */
  ending(): Frame[];
}

/** How a container wants to be asked and how it answers. */
export interface Payload {
  /** The request's body, to be written as JSON. */
  body(call: ChatCall, streamed: boolean): object;
  /** The frames that a whole answer's JSON adds up to, the terminal one among them. */
  readWhole(call: ChatCall, answer: unknown): Frame[];
  makeReader(call: ChatCall): AnswerReader;
}
