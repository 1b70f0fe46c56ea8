import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageReader } from "../../../scripts/bench/http/message-reader.ts";

interface Message {
  head: string;
  body: string;
}

/** What a reader makes of the pieces. */
function readAll(pieces: readonly Buffer[]): Message[] {
  const messages: Message[] = [];
  let current: Message = { head: "", body: "" };
  const reader = new MessageReader({
    head: (head) => {
      current = { head, body: "" };
    },
    body: (part) => {
      current.body += part.toString("latin1");
    },
    end: () => void messages.push(current),
  });
  for (const piece of pieces) reader.read(piece);
  return messages;
}

/** The bytes, cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  const edges = [0, ...sorted, bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

const body = fc.string({ maxLength: 40, unit: "binary-ascii" });

const withLength = body.map((text) => ({
  sent: `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
  body: text,
}));

const inChunks = fc.array(body.filter((text) => text !== "")).map((parts) => ({
  sent: [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ...parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`),
    "0\r\n\r\n",
  ].join(""),
  body: parts.join(""),
}));

describe("reading HTTP for the bench", () => {
  it("finds every message with its whole body, however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(withLength, inChunks), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (messages, places) => {
          const bytes = Buffer.from(messages.map(({ sent }) => sent).join(""), "latin1");
          const read = readAll(cut(bytes, places));
          expect(read.map((message) => message.body)).toEqual(messages.map((each) => each.body));
          expect(read.every(({ head }) => head.startsWith("HTTP/1.1 200 OK\r\n"))).toBe(true);
        },
      ),
    );
  });

  it("takes a message without a body as one that has ended", () => {
    expect(readAll([Buffer.from("HTTP/1.1 200 OK\r\nserver: x\r\n\r\n")])).toEqual([
      { head: "HTTP/1.1 200 OK\r\nserver: x", body: "" },
    ]);
  });

  it.each([
    ["a chunk without its size", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n"],
    ["headers without end", "x".repeat(100_000)],
  ])("refuses %s", (_what, text) => {
    expect(() => readAll([Buffer.from(text)])).toThrow();
  });
});
