import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { eventFrame } from "../../../src/simulators/event-stream.ts";
import { transports } from "../../support/bedrock-backend.ts";
import { failing } from "./contract/harness.ts";
import {
  answerWell,
  askThrough,
  closing,
  listenWithoutAccepting,
  providerAt,
  reply,
  serve,
  timeouts,
} from "./upstream.ts";

// What becomes of connections, and of what waits for them, whichever transport opened them.

const eventStream = { "content-type": "application/vnd.amazon.eventstream" };
const delta = (text: string): Buffer =>
  eventFrame("contentBlockDelta", { contentBlockIndex: 0, delta: { text } });

class Left extends Error {}

/** Whoever owns a name may let it lead anywhere. */
vi.mock("node:dns", async (original) => ({
  ...(await original<object>()),
  lookup: (
    _hostname: string,
    { all }: { all?: boolean },
    callback: (error: null, address: unknown, family: number) => void,
  ) => callback(null, all === true ? [{ address: "127.0.0.1", family: 4 }] : "127.0.0.1", 4),
}));

describe.each(transports)("%s: a connection of %s", (transport) => {
  const ask = (overrides?: Parameters<typeof askThrough>[1]) => askThrough(transport, overrides);

  it("that does not come about holds nobody up who leaves", async () => {
    const port = await listenWithoutAccepting();
    for (let count = 0; count < 2; count += 1) {
      const filler = connect(port, "127.0.0.1").on("error", () => undefined);
      closing.push(() => filler.destroy());
    }
    const leaving = new AbortController();
    const call = { ...ask(timeouts({ connectMs: 60_000 })), signal: leaving.signal };
    const provider = providerAt(`http://127.0.0.1:${port}`);
    const settled = [provider.chat(call), provider.streamChat(call)].map(async (each) =>
      expect(each).rejects.toBeInstanceOf(Left),
    );
    setTimeout(() => leaving.abort(new Left()), 100);
    await Promise.all(settled);
  });

  it("that was closed while it was idle is replaced without a failure", async () => {
    const { url, sockets } = await serve(answerWell);
    const provider = providerAt(url);
    for (let count = 1; count <= 3; count += 1) {
      expect((await provider.chat(ask())).reply.text).toBe("Hi");
      for (const socket of sockets) socket.destroy();
      await wait(30);
      expect(sockets.size).toBe(count);
    }
  });

  it("leads to the router's own machine only where its endpoint says so", async () => {
    const { url, sockets } = await serve(answerWell);
    const { port } = new URL(url);
    const elsewhere = providerAt(`http://models.example:${port}`);
    await expect(elsewhere.chat(ask())).rejects.toMatchObject({
      code: "connection_failed",
      message: expect.not.stringContaining("127.0.0.1") as string,
    });
    expect(sockets.size).toBe(0);
    expect((await providerAt(`http://localhost:${port}`).chat(ask())).reply.text).toBe("Hi");
  });

  it("may say something before its answer", async () => {
    const { url } = await serve((_request, response) => {
      response.writeEarlyHints({ link: "</a>; rel=preload" });
      response.writeHead(200, { "content-type": "application/json" }).end(reply);
    });
    expect((await providerAt(url).chat(ask())).reply.text).toBe("Hi");
  });

  it("holds its upstream back for a reader that takes its time", async () => {
    const frame = delta("x".repeat(16_384));
    const most = 4_000;
    let written = 0;
    const { url } = await serve((_request, response) => {
      response.writeHead(200, eventStream);
      const pour = (): void => {
        while (written < most && response.write(frame)) written += 1;
        written += 1;
        if (written < most) response.once("drain", pour);
        else response.end();
      };
      pour();
    });
    const { frames } = await providerAt(url).streamChat(ask());
    const iterator = frames[Symbol.asyncIterator]();
    await iterator.next();
    await vi.waitFor(async () => {
      const before = written;
      await wait(200);
      expect(written).toBe(before);
    }, 10_000);
    // What sockets and buffers hold is some megabytes; the whole stream is more than sixty.
    expect(written).toBeLessThan(most / 2);
    let given = 1;
    await expect(
      (async () => {
        while ((await iterator.next()).done !== true) given += 1;
      })(),
    ).rejects.toEqual(failing("stream_broken"));
    expect(given).toBe(most);
  });

  it("ends with its provider, and so does what waits on it", async () => {
    const { url, sockets } = await serve(() => undefined);
    const provider = providerAt(url);
    const failed = expect(provider.chat(ask())).rejects.toEqual(failing("connection_failed"));
    await vi.waitFor(() => expect(sockets.size).toBe(1), 5_000);
    const closed = Promise.all([...sockets].map(async (socket) => once(socket, "close")));
    await provider.close();
    await failed;
    await closed;
  });
});

describe("a whole answer that stalls behind its head", () => {
  it("is waited for no longer than the backend's total time", async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write("{");
    });
    const call = askThrough("Lean", timeouts({ totalMs: 200 }));
    await expect(providerAt(url).chat(call)).rejects.toEqual(failing("timeout"));
  });
});
