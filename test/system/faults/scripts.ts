import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Exchange, Script } from "./upstream.ts";

/** More than a router takes of one answer, and less than hurts. */
const tooMuch = 64 * 1024 * 1024;
const mebi = 1024 * 1024;

/** Long enough for what was written to have been read, before the connection goes. */
const readMs = 50;

function begin({ response, streamed, wire }: Exchange, length?: number): void {
  const head = streamed ? wire.streamHead : wire.wholeHead;
  response.writeHead(200, length === undefined ? head : { ...head, "content-length": length });
  response.flushHeaders();
}

export const resetAfterHead: Script = async (exchange) => {
  begin(exchange, 1_000);
  await pause(readMs);
  exchange.response.socket?.resetAndDestroy();
};

export const resetInside: Script = async (exchange) => {
  sayHalf(exchange);
  await (exchange.streamed ? exchange.heard : pause(readMs));
  exchange.response.socket?.resetAndDestroy();
};

/** Takes the call and says nothing. */
export const silence: Script = () => undefined;

/** The head of the answer, and nothing more. */
export const headAlone: Script = (exchange) => begin(exchange, 1_000);

/** A stream stays open after what cannot be read: to leave it is the caller's part. */
export const malformedJson: Script = (exchange) => {
  const { response, wire, streamed } = exchange;
  begin(exchange);
  if (streamed) response.write(wire.garbled);
  else response.end(wire.whole.subarray(0, -20));
};

export const malformedJsonInside: Script = async (exchange) => {
  const { response, wire, heard } = exchange;
  begin(exchange);
  for (const frame of wire.content) response.write(frame);
  await heard;
  response.write(wire.garbled);
};

/** As a proxy on the way answers. */
export const htmlPage: Script = ({ response }) => {
  response
    .writeHead(200, { "content-type": "text/html" })
    .end("<!doctype html><title>Maintenance</title><p>We will be back soon.");
};

/** JSON that is sound, and says nothing of what was asked for. */
export const otherJson: Script = ({ response }) => {
  response.writeHead(200, { "content-type": "application/json" }).end('{"status":"ok"}');
};

export const stallInside: Script = (exchange) => sayHalf(exchange);

function sayHalf(exchange: Exchange): void {
  const { response, wire, streamed } = exchange;
  begin(exchange, streamed ? undefined : wire.whole.length);
  if (streamed) for (const frame of wire.content) response.write(frame);
  else response.write(wire.whole.subarray(0, wire.whole.length / 2));
}

const byteMs = 10;

/** The head itself comes byte by byte, and has no end. */
export const tricklingHead: Script = async ({ response }) => {
  response.socket?.setNoDelay(true);
  response.socket?.write("HTTP/1.1 200 OK\r\nx-padding: ");
  while (!response.destroyed) {
    response.socket?.write("x");
    await pause(byteMs);
  }
};

/** Frames that never end: each comes in time, and there is always one more. */
export const endlessFrames: Script = async (exchange) => {
  const { response, wire } = exchange;
  begin(exchange);
  const [frame] = wire.content;
  while (!response.destroyed) {
    response.write(frame);
    await pause(byteMs);
  }
};

export const hugeAnswer: Script = async (exchange) => {
  begin(exchange);
  if (exchange.streamed) exchange.response.write(hugeLength());
  await pour(exchange.response);
};

export const hugeFrameInside: Script = async (exchange) => {
  const { response, wire, heard } = exchange;
  begin(exchange);
  for (const frame of wire.content) response.write(frame);
  await heard;
  response.write(hugeLength());
  await pour(response);
};

function hugeLength(): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(2 ** 31);
  return length;
}

async function pour(response: ServerResponse): Promise<void> {
  const block = Buffer.alloc(mebi, " ");
  // One for all its blocks: a listener for each would be many on one response.
  const closed = new Promise((resolve) => response.once("close", resolve));
  for (let poured = 0; poured < tooMuch && !response.destroyed; poured += mebi) {
    if (response.write(block)) continue;
    const drained = new Promise((resolve) => response.once("drain", resolve));
    await Promise.race([drained, closed]);
  }
  // Whoever was to stop this has not: the answer stays open, and the test sees it.
}
