import type { Frame } from "../../openai/index.ts";
import { countOf } from "../count-of.ts";
import type { ChatCall } from "../contract.ts";
import { throwContainerError } from "./container-error.ts";
import { fieldsOf, isFields, malformed, textOf, type Fields } from "./fields.ts";
import { finishReason } from "./finish-reason.ts";
import type { AnswerReader, Payload } from "./payload.ts";
import { StopTrimmer } from "./stop-trimmer.ts";
import { tgiBody, tgiStops } from "./tgi-body.ts";
import { countUsage } from "./usage.ts";

/** `payload: HuggingFaceTGI`: the container takes `{inputs, parameters}` and generates text. */
export const huggingFaceTgi: Payload = {
  body: ({ request, backend }, streamed) => tgiBody(request, backend, streamed),
  readWhole,
  makeReader,
};

/** `{generated_text, details}`, mostly as the only member of a list. */
function readWhole(call: ChatCall, answer: unknown): Frame[] {
  const told: unknown = Array.isArray(answer) ? answer[0] : answer;
  throwContainerError(told);
  if (!isFields(told) || typeof told["generated_text"] !== "string") throw malformed();
  const reader = makeReader(call);
  const frames = reader.read({ ...told, token: { text: told["generated_text"] } });
  return [...frames, ...reader.ending()];
}

/** Token by token; the last event carries `generated_text`, which is the terminal frame here. */
function makeReader({ request }: ChatCall): AnswerReader {
  const trimmer = new StopTrimmer(tgiStops(request));
  const beginning = new Beginning();
  let ending: Frame[] = [];
  return {
    read: (event) => {
      throwContainerError(event);
      if (!isFields(event) || !isFields(event["token"])) throw malformed();
      if (ending.length > 0) return [];
      const finished = typeof event["generated_text"] === "string";
      const certain = trimmer.push(tokenText(event["token"]));
      const text = beginning.trim(finished ? certain + trimmer.end() : certain);
      if (finished) ending = endingFrames(fieldsOf(event["details"]), trimmer.stopped);
      return text === "" ? [] : [{ type: "text", text }];
    },
    // Only the terminal frame tells how it ended.
    markDone: () => {},
    get complete() {
      return ending.length > 0;
    },
    ending: () => ending,
  };
}

/** Special tokens, such as the end of the text, are no part of it. */
const tokenText = (token: Fields): string =>
  token["special"] === true ? "" : textOf(token["text"]);

/** The prompt ends at a colon: the blank that a model begins with is no part of its answer. */
class Beginning {
  #begun = false;

  trim(text: string): string {
    if (this.#begun) return text;
    const trimmed = text.trimStart();
    this.#begun = trimmed !== "";
    return trimmed;
  }
}

function endingFrames(details: Fields, stopped: boolean): Frame[] {
  const reason = stopped ? "stop" : finishReason(textOf(details["finish_reason"]));
  const output = countOf(details["generated_tokens"]);
  const input = countOf(details["input_length"]) ?? prefilled(details["prefill"]);
  const finish: Frame = { type: "finish", reason };
  if (input === undefined || output === undefined) return [finish];
  return [finish, { type: "usage", usage: countUsage(input, output) }];
}

/** Counted only where the container was asked to tell the input's tokens. */
const prefilled = (prefill: unknown): number | undefined =>
  Array.isArray(prefill) && prefill.length > 0 ? prefill.length : undefined;
