import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Job } from "../../../scripts/bench/load/job.ts";
import { makeLoad } from "../../../scripts/bench/load/make-load.ts";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function jobOn(listener: RequestListener, shape: Job["shape"]): Promise<Job> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server = createServer(listener).listen(0, "127.0.0.1", resolve);
  await promise;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/chat`;
  return { url, headers: { "x-mark": "bench" }, body: '{"a":1}', seconds: 0.2, shape };
}

describe("the load of the bench", () => {
  it("keeps as many requests under way as there are callers, and counts the answers", async () => {
    let underWay = 0;
    let most = 0;
    let served = 0;
    const job = await jobOn(
      (request, response) => {
        underWay += 1;
        most = Math.max(most, underWay);
        request.resume().on("end", () => {
          setTimeout(() => {
            underWay -= 1;
            served += 1;
            response.end("answered");
          }, 5);
        });
      },
      { callers: 4 },
    );
    const loaded = await makeLoad(job);
    expect(most).toBe(4);
    expect(loaded.answered).toBe(served);
    expect(loaded.requests).toBeGreaterThan(4);
    expect(loaded).toMatchObject({ failures: 0, firstFailure: null });
  });

  it("waits for some answers of a gateway that is slower than the time that was meant", async () => {
    const job = await jobOn(
      (_request, response) => {
        setTimeout(() => response.end("late"), 150);
      },
      { callers: 2 },
    );
    expect((await makeLoad(job)).answered).toBeGreaterThanOrEqual(6);
  });

  it("sends in an open loop without waiting for answers", async () => {
    let underWay = 0;
    let most = 0;
    const job = await jobOn(
      (_request, response) => {
        underWay += 1;
        most = Math.max(most, underWay);
        setTimeout(() => {
          underWay -= 1;
          response.end("late");
        }, 100);
      },
      { perSecond: 50 },
    );
    expect(await makeLoad(job)).toMatchObject({ requests: 10, failures: 0 });
    expect(most).toBeGreaterThan(1);
  });

  it("times the first part of a stream and what lies between parts", async () => {
    const job = await jobOn(
      (_request, response) => {
        response.write("one");
        setTimeout(() => response.write("two"), 20);
        setTimeout(() => response.end("three"), 40);
      },
      { callers: 1 },
    );
    const { firstByteMs, gapMs, totalMs } = await makeLoad(job);
    expect(gapMs?.max).toBeGreaterThan(0);
    expect(totalMs?.min).toBeGreaterThanOrEqual((firstByteMs?.min ?? 0) + (gapMs?.min ?? 0));
  });

  it.each<[what: string, listener: RequestListener, reason: RegExp]>([
    ["a refusal", (_request, response) => response.writeHead(503).end(), /Status 503/],
    ["a connection that breaks", (request) => request.socket.destroy(), /closed|ECONNRESET/],
  ])("counts %s as a failure, and gives up on too many", async (_what, listener, reason) => {
    const loaded = await makeLoad(await jobOn(listener, { callers: 2 }));
    expect(loaded.requests).toBe(0);
    expect(loaded.failures).toBeGreaterThan(0);
    // The thousandth, and what both callers have under way by then.
    expect(loaded.failures).toBeLessThanOrEqual(1_002);
    expect(loaded.firstFailure).toMatch(reason);
  });
});
