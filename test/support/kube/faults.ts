import type { ServerResponse } from "node:http";
import { HostileWatch } from "./hostile-watch.ts";

/** What a server does with one call in place of answering it. */
export type Fault = (exchange: { response: ServerResponse }) => void;

interface StatusWords {
  reason?: string;
  message?: string;
  details?: object;
}

export function sendStatus(
  { response }: { response: ServerResponse },
  code: number,
  words: StatusWords = {},
): void {
  response.writeHead(code, { "content-type": "application/json" });
  const message = words.message ?? `it is ${code}`;
  response.end(JSON.stringify({ kind: "Status", status: "Failure", code, message, ...words }));
}

export const status =
  (code: number, words: StatusWords = {}): Fault =>
  (exchange) =>
    sendStatus(exchange, code, words);

export const tooMany =
  (retryAfter: string): Fault =>
  ({ response }) => {
    response.writeHead(429, { "retry-after": retryAfter });
    response.end("Too many requests, please try again later.");
  };

/** Breaks the connection before a word. */
export const reset: Fault = ({ response }) => void response.socket?.resetAndDestroy();

/** Takes the call and says nothing, for ever. */
export const silence: Fault = () => undefined;

/** Takes a watch, says the words as they are, and then nothing, for ever. */
export const watchSaying =
  (words: string): Fault =>
  ({ response }) =>
    new HostileWatch(response, Number.POSITIVE_INFINITY).say(words);

/** Takes a watch, says the words as they are, and ends it in good order. */
export const endingWatch =
  (words = ""): Fault =>
  ({ response }) => {
    const watch = new HostileWatch(response, Number.POSITIVE_INFINITY);
    watch.say(words);
    watch.end();
  };
