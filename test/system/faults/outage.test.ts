// One of two backends goes down under load, then both, as processes die: their connections break and
// nobody listens. Each part takes up what the one before it left. SWITCHYARD_SOAK=true watches each
// outage for a minute, and goes through all of it five times.
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { processUsage } from "../../support/process-usage.ts";
import { OutageStage, totalTimeoutMs, type Side } from "./outage-stage.ts";
import { startStreaming, type StreamingClients, type StreamSeen } from "./streaming-clients.ts";

const soak = process.env["SWITCHYARD_SOAK"] === "true";
const streams = 500;
/** How long an outage is watched once the router has settled in it. */
const watchedMs = soak ? 60_000 : 4_000;
const rounds = soak ? 5 : 1;

/** Within which a router has to be back to normal. */
const recoveryMs = 5_000;
/** Longer than an ejected backend stays away, whatever was before. */
const longestAwayMs = 60_000;
/** What a process of V8's may gather under such a load without a leak. */
const roomMiB = 256;

/** From when nothing could be answered until something was again. */
interface Blackout {
  from: number;
  to: number;
}

let stage: OutageStage;
let clients: StreamingClients;
const blackouts: Blackout[] = [];
/** Of the router: before the first outage, and after each round. */
const residentMiB: number[] = [];

beforeAll(async () => {
  stage = await OutageStage.open();
  clients = startStreaming(stage.url, streams);
  await vi.waitFor(() => expect(clients.seen.length).toBeGreaterThan(2 * streams), longestAwayMs);
  await noteMemory();
});

afterAll(async () => {
  await clients.stop();
  await stage.stop();
});

async function noteMemory(): Promise<void> {
  residentMiB.push((await processUsage(stage.routerPid)).rssMiB);
}

const begunSince = (at: number) => clients.seen.filter(({ beganAt }) => beganAt >= at);

/** Waits until a stream that began after `since` is answered by this backend, and by no detour; when that was. */
async function answeredBy(side: Side, since: number): Promise<number> {
  const isNormal = ({ backend, attempts }: StreamSeen) => backend === side && attempts === 1;
  return vi.waitFor(
    () => {
      const found = begunSince(since).find(isNormal);
      expect(found).toBeDefined();
      return found?.firstByteAt ?? Infinity;
    },
    { timeout: recoveryMs, interval: 20 },
  );
}

const isTakenBack = async () => expect(await stage.stateOf("primary")).toBe("closed");

describe.each(Array.from({ length: rounds }, (_, round) => round + 1))("round %i", () => {
  afterAll(noteMemory);

  describe("while the first of two backends is down", () => {
    beforeAll(async () => vi.waitFor(isTakenBack, longestAwayMs));

    it("the other answers, and the one that is down is called for probes alone", async () => {
      const downAt = performance.now();
      await stage.takeDown("primary");
      const settledAt = await answeredBy("secondary", downAt);
      await pause(watchedMs);
      expect(await stage.stateOf("primary")).not.toBe("closed");
      const later = begunSince(settledAt);
      expect(later.some(({ firstByteAt }) => firstByteAt !== undefined)).toBe(true);
      // One probe at a time, and each a second after the one before it at the least.
      const mostProbes = (performance.now() - settledAt) / 1_000 + 1;
      const detours = later.filter(({ attempts }) => attempts > 1);
      expect(detours.length).toBeLessThanOrEqual(mostProbes);
    });

    it("streams that had said something end in their band", () => {
      expect(clients.seen.some(({ end }) => end === "in-band error")).toBe(true);
    });

    it("it is taken back once it is there again", async () => {
      await stage.bringBack("primary");
      await vi.waitFor(isTakenBack, longestAwayMs);
      await answeredBy("primary", performance.now());
    });
  });

  describe.each(["primary", "secondary"] as const)("while both are down, until the %s", (side) => {
    it("is back, clients get clear errors", async () => {
      const from = performance.now();
      await Promise.all([stage.takeDown("primary"), stage.takeDown("secondary")]);
      await pause(watchedMs);
      const refused = begunSince(from).filter(({ end }) => end === "refused");
      expect(refused.length).toBeGreaterThan(0);
      blackouts.push({ from, to: Infinity });
      for (const { problem } of refused) {
        expect(problem).toContain('"type":"server_error"');
        expect(problem).toContain('"code":"connection_failed"');
      }
    });

    it("is back, which is found at once", async () => {
      await stage.bringBack(side);
      blackouts.at(-1)!.to = await answeredBy(side, performance.now());
      await stage.bringBack(side === "primary" ? "secondary" : "primary");
    });
  });
});

/** A stream may break where its backend did, and be refused where there was none; nothing else. */
function isExplained({ end, backend, beganAt, endedAt = Infinity }: StreamSeen): boolean {
  if (end === "whole") return true;
  if (end === "in-band error") {
    return stage.falls.some(({ side, at }) => side === backend && at >= beganAt && at <= endedAt);
  }
  return end === "refused" && blackouts.some(({ from, to }) => from <= endedAt && to >= beganAt);
}

describe("once all is over", () => {
  beforeAll(async () => {
    await pause(recoveryMs);
    await clients.stop();
  });

  it("no client has seen an error but those that nobody could have spared it", () => {
    expect(clients.seen.filter((each) => !isExplained(each))).toEqual([]);
    expect(clients.seen.filter(({ end }) => end === "whole").length).toBeGreaterThan(streams);
  });

  it("no request has outlasted its route's time", () => {
    const times = clients.seen.map(({ beganAt, endedAt = Infinity }) => endedAt - beganAt);
    expect(Math.max(...times)).toBeLessThan(totalTimeoutMs);
  });

  it("nothing is left under way, and the router is no larger than it was", async () => {
    await expect.poll(() => stage.openCalls("primary") + stage.openCalls("secondary")).toBe(0);
    const [before = 0, ...after] = residentMiB;
    process.stdout.write(
      `${clients.seen.length} streams; MiB of the router before and after: ${residentMiB.map(Math.round).join(", ")}\n`,
    );
    expect(Math.max(...after)).toBeLessThan(before + roomMiB);
  });
});
