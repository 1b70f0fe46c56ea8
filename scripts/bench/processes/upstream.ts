// The models behind every gateway of the bench: answers Bedrock's Converse and ConverseStream and
// OpenAI's chat completions at once, checks nothing, and takes OTLP exports. Ends with its parent.
import { createServer, type AddressInfo, type Socket } from "node:net";
import { MessageReader } from "../http/message-reader.ts";
import {
  chatAnswer,
  chatStream,
  converseAnswer,
  converseStream,
  notFound,
  nothing,
} from "../http/payloads.ts";
import { countSpans } from "../http/count-spans.ts";

let spans = 0;

/** One frame a turn of the event loop, so that the frames of streams under way take turns. */
function play(socket: Socket, writes: readonly Buffer[], at = 0): void {
  const next = writes[at];
  if (next === undefined || socket.destroyed) return;
  socket.write(next);
  setImmediate(() => play(socket, writes, at + 1));
}

const streamTexts = ['"stream":true', '"stream": true'];

function wantsStream([first = nothing, ...others]: readonly Buffer[]): boolean {
  const body = others.length === 0 ? first : Buffer.concat([first, ...others]);
  return streamTexts.some((text) => body.includes(text));
}

function respond(socket: Socket, path: string, body: readonly Buffer[]): void {
  if (path.endsWith("/converse")) socket.write(converseAnswer);
  else if (path.endsWith("/converse-stream")) play(socket, converseStream);
  else if (path.endsWith("/chat/completions")) {
    if (wantsStream(body)) play(socket, chatStream);
    else socket.write(chatAnswer);
  } else if (path.startsWith("/v1/traces")) {
    spans += countSpans(body);
    socket.write(nothing);
  } else socket.write(path.startsWith("/v1/metrics") ? nothing : notFound);
}

const server = createServer({ noDelay: true }, (socket) => {
  let path = "";
  let body: Buffer[] = [];
  const reader = new MessageReader({
    head: (head) => {
      path = head.slice(head.indexOf(" ") + 1, head.indexOf(" HTTP/"));
      if (body.length > 0) body = [];
    },
    body: (part) => void body.push(part),
    end: () => respond(socket, path, body),
  });
  socket.on("data", (chunk: Buffer) => reader.read(chunk));
  socket.on("error", () => socket.destroy());
});

server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on("message", () => {
  process.send?.({ spans });
  spans = 0;
});
process.on("disconnect", () => process.exit());
