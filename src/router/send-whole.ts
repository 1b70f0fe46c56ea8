import { completionBody, embeddingsBody, errorBody } from "../openai/index.ts";
import type { AnsweredRequest } from "./answer-stage.ts";
import type { ClientFault } from "./client-fault.ts";
import type { ClientWriter } from "./client-writer.ts";
import type { Sent } from "./progress.ts";
import { replyIdentity } from "./reply-identity.ts";
import { switchyardHeaders } from "./response-headers.ts";
import type { OpenStream } from "./open-stream.ts";
import type { Answer } from "./run-attempt.ts";

type WholeAnswer = Exclude<Answer, OpenStream>;

/** Sends an answer that is all there. */
export function sendWhole(
  answered: AnsweredRequest,
  answer: WholeAnswer,
  writer: ClientWriter,
  now: number,
): Sent {
  const body = JSON.stringify(bodyOf(answered, answer));
  return sendJson(writer, {
    status: 200,
    body,
    headers: switchyardHeaders(answered),
    firstContentAt: now,
  });
}

function bodyOf(answered: AnsweredRequest, answer: WholeAnswer): object {
  const identity = replyIdentity(answered);
  const { asked } = answered;
  if (answer.kind === "whole") {
    return completionBody({ ...identity, reply: answer.reply, usage: answer.reply.usage });
  }
  const encoding = asked.operation === "embeddings" ? asked.request.encoding_format : undefined;
  const { vectors, usage } = answer.embedded;
  return embeddingsBody({ model: identity.model, vectors, usage, encoding });
}

/** Sends an error as the whole answer. */
export function sendFault(
  fault: ClientFault,
  headers: Readonly<Record<string, string>>,
  writer: ClientWriter,
): Sent {
  const { status, facts } = fault;
  const body = JSON.stringify(errorBody(facts));
  const all = { ...headers, ...fault.headers };
  return {
    ...sendJson(writer, { status, body, headers: all, firstContentAt: null }),
    errorCode: facts.code,
  };
}

interface JsonAnswer {
  status: number;
  body: string;
  headers: Readonly<Record<string, string>>;
  firstContentAt: number | null;
}

function sendJson(
  writer: ClientWriter,
  { status, body, headers, firstContentAt }: JsonAnswer,
): Sent {
  writer.begin(status, {
    ...headers,
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
  });
  writer.end(body);
  return { status, bytesOut: writer.bytesOut, firstContentAt, errorCode: null };
}
