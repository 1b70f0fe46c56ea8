import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { ClientWriter } from "../../../src/router/client-writer.ts";
import { FakeResponse } from "./fake-response.ts";

const stallMs = 1_000;

function open(): { response: FakeResponse; writer: ClientWriter } {
  const response = new FakeResponse();
  return { response, writer: new ClientWriter(response as unknown as ServerResponse, stallMs) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("writing to a client", () => {
  it("needs no waiting while the client takes everything", () => {
    const { response, writer } = open();
    expect(writer.write("abc")).toBeUndefined();
    expect(writer.write("")).toBeUndefined();
    expect(response.taken).toBe("abc");
  });

  it("counts bytes, not characters", () => {
    const { writer } = open();
    void writer.write("é");
    writer.end("€");
    expect(writer.bytesOut).toBe(5);
  });

  it("waits for a slow client until it takes more", async () => {
    const { response, writer } = open();
    response.takes = false;
    const room = writer.write("abc");
    expect(room).toBeInstanceOf(Promise);
    await vi.advanceTimersByTimeAsync(stallMs - 1);
    response.emit("drain");
    await room;
    expect(response.destroyed).toBe(false);
    expect(response.waiting()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gives up a client that takes nothing for too long", async () => {
    const { response, writer } = open();
    response.takes = false;
    const failed = expect(writer.write("abc")).rejects.toBeInstanceOf(ClientGone);
    await vi.advanceTimersByTimeAsync(stallMs);
    await failed;
    expect(response.destroyed).toBe(true);
    expect(response.waiting()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends its wait when the client leaves", async () => {
    const { response, writer } = open();
    response.takes = false;
    const failed = expect(writer.write("abc")).rejects.toBeInstanceOf(ClientGone);
    response.emit("close");
    await failed;
    expect(response.waiting()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("writes nothing more to a client that has left", () => {
    const { response, writer } = open();
    response.destroyed = true;
    expect(() => writer.write("abc")).toThrow(ClientGone);
    expect(writer.bytesOut).toBe(0);
  });

  it("gives up a client that does not take the rest of an ended answer", () => {
    const { response, writer } = open();
    response.takes = false;
    writer.end("abc");
    expect(response.timeoutMs).toBe(stallMs);
    response.emit("timeout");
    expect(response.destroyed).toBe(true);
  });

  it("sets no timer for an answer that was taken whole", () => {
    const { response, writer } = open();
    writer.end("abc");
    expect(response.taken).toBe("abc");
    expect(response.timeoutMs).toBeUndefined();
  });

  it("knows whether anything was begun, and can cut it", () => {
    const { response, writer } = open();
    expect(writer.begun).toBe(false);
    writer.begin(200, {});
    expect(writer.begun).toBe(true);
    writer.cut();
    expect(response.destroyed).toBe(true);
  });
});
