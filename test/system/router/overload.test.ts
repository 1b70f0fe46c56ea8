import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { chatOf, RawConnection, rawRequest } from "../../support/raw-connection.ts";
import { errorIn, send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

let local: Local;

beforeAll(async () => {
  local = await startLocal({
    resources: [backendOf("micro"), routeOf("one", ["micro"])],
    settings: { maxRequests: 1 },
  });
});

afterAll(async () => local.stop());

describe("a router that has all the requests it may", () => {
  it("tells further ones to come back, calls no model for them, and takes them again once there is room", async () => {
    local.simulator.faults.set({ model: "*", kind: "stall", afterFrames: 2, delayMs: 60_000 });
    const raw = await RawConnection.open(local);
    raw.write(rawRequest(chatOf("one", "count from 1 to 50", { stream: true })));
    await raw.contains("data: ");
    const late = await send(local, { body: chatOf("one", "Hello") });
    expect(late.status).toBe(429);
    expect(late.headers["retry-after"]).toBe("1");
    expect(errorIn(late)).toMatchObject({ type: "rate_limit_exceeded", code: "overloaded" });
    expect(await local.records.of(late.requestId)).toMatchObject({
      status: 429,
      error_type: "overloaded",
      attempts: [],
    });
    expect((await fetch(`${local.url}/v1/models`)).status).toBe(200);
    raw.leave();
    local.heal();
    await expect
      .poll(async () => (await send(local, { body: chatOf("one", "repeat: hello") })).status)
      .toBe(200);
  });

  it("keeps the connection of one whose short body it does not take, and closes that of a long one", async () => {
    local.simulator.faults.set({ model: "*", kind: "stall", afterFrames: 2, delayMs: 60_000 });
    const holding = await RawConnection.open(local);
    holding.write(rawRequest(chatOf("one", "count from 1 to 50", { stream: true })));
    await holding.contains("data: ");
    const short = await RawConnection.open(local);
    for (const _ of [1, 2]) {
      short.write(rawRequest(chatOf("one", "x".repeat(10_000))));
      expect((await short.answer()).status).toBe(429);
    }
    const long = await RawConnection.open(local);
    long.write(rawRequest(chatOf("one", "x".repeat(100_000))));
    const refused = await long.answer();
    expect([refused.status, refused.headers["connection"]]).toEqual([429, "close"]);
    await expect.poll(() => long.closed).toBe(true);
    holding.leave();
    local.heal();
    await expect
      .poll(async () => {
        short.write(rawRequest(chatOf("one", "repeat: hello")));
        return (await short.answer()).status;
      })
      .toBe(200);
    short.leave();
  });
});

describe("a router that holds all the bytes it may", () => {
  let small: Local;
  /** Of the bodies below each fits in alone, and no two of them together. */
  const settings = { maxHeldBytes: 100_000, maxBodyBytes: 100_000 };
  const text = (words: string) => `${words} ${"x".repeat(60_000)}`;

  beforeAll(async () => {
    small = await startLocal({
      resources: [backendOf("micro"), routeOf("one", ["micro"])],
      settings,
    });
  });

  afterAll(async () => small.stop());

  const shed = async (): Promise<number> => {
    const metrics = await (await fetch(`${small.adminUrl}/metrics`)).text();
    const line = /switchyard_requests_shed_total\{switchyard_shed_reason="bodies"\} (\d+)/.exec(
      metrics,
    );
    return Number(line?.[1] ?? 0);
  };

  it("refuses one that says how long it is before it has come, while the first is under way", async () => {
    small.simulator.faults.set({ model: "*", kind: "stall", afterFrames: 2, delayMs: 60_000 });
    const first = await RawConnection.open(small);
    first.write(rawRequest(chatOf("one", text("count from 1 to 50"), { stream: true })));
    await first.contains("data: ");
    const late = await send(small, { body: chatOf("one", text("repeat: hello")) });
    expect([late.status, errorIn(late).code, late.headers["retry-after"]]).toEqual([
      429,
      "overloaded",
      "1",
    ]);
    expect(await shed()).toBe(1);
    first.leave();
    small.heal();
    const again = async () =>
      (await send(small, { body: chatOf("one", text("repeat: hello")) })).status;
    await expect.poll(again).toBe(200);
  });

  it("refuses one that does not say so in the middle of its body, and is free of it then", async () => {
    const before = await shed();
    const slow = await RawConnection.open(small);
    const piece = (size: number) => `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`;
    const head =
      "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    slow.write(head + piece(60_000));
    const other = await RawConnection.open(small);
    // Which of the two comes too late is not known before; the one that is left is served.
    other.write(head + piece(60_000));
    const refused = await Promise.race([slow.answer(), other.answer()]);
    expect([refused.status, refused.headers["connection"]]).toEqual([429, "close"]);
    expect(refused.text).toContain("overloaded");
    expect(await shed()).toBe(before + 1);
    slow.leave();
    other.leave();
    const again = async () =>
      (await send(small, { body: chatOf("one", text("repeat: hello")) })).status;
    await expect.poll(again).toBe(200);
  });
});
