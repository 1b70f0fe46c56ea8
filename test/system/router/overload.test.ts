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
});
