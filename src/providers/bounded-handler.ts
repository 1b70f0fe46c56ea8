import { pipeline, Transform, type Readable } from "node:stream";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { AnswerTooLarge, mostAnswerBytes } from "./answer-bound.ts";

type Handle = NodeHttpHandler["handle"];

/**
 * HTTP with an end to what an answer may hold: the SDK collects whole answers, and each message of an
 * event stream, in memory, whatever their sender makes of that.
 */
export class BoundedHandler extends NodeHttpHandler {
  override async handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
    const { response } = await super.handle(request, options);
    const body = response.body as Readable;
    const streamed = response.statusCode < 300 && request.path.endsWith("-stream");
    if (streamed) response.body = through(body, messageBound());
    else if (!tellsShort(response.headers["content-length"])) {
      response.body = through(body, wholeBound());
    }
    return { response };
  }
}

/** What a content-length counts, Node ends by it. */
function tellsShort(length: string | undefined): boolean {
  return length !== undefined && Number(length) <= mostAnswerBytes;
}

/** Looks at what comes in. @throws AnswerTooLarge */
type Bound = (chunk: Buffer) => void;

function wholeBound(): Bound {
  let size = 0;
  return (chunk) => {
    size += chunk.length;
    if (size > mostAnswerBytes) throw new AnswerTooLarge();
  };
}

const lengthBytes = 4;

/** Each message of an event stream begins with its length, that of the length included. */
function messageBound(): Bound {
  let length = 0;
  let seen = 0;
  let left = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (left > 0) {
        const step = Math.min(left, chunk.length - at);
        left -= step;
        at += step;
        continue;
      }
      length = length * 256 + (chunk[at] ?? 0);
      seen += 1;
      at += 1;
      if (seen < lengthBytes) continue;
      if (length > mostAnswerBytes) throw new AnswerTooLarge();
      left = Math.max(0, length - lengthBytes);
      length = 0;
      seen = 0;
    }
  };
}

function through(body: Readable, bound: Bound): Readable {
  const bounded = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      try {
        bound(chunk);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  // Whichever of the two fails takes the other along: a body that is too large loses its connection.
  pipeline(body, bounded, () => {});
  return bounded;
}
