import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect, LeaderElection, type ElectionOptions } from "../../../src/kube/index.ts";
import { seededRandom, systemClock, type Clock } from "../../../src/lib/index.ts";
import { reset, silence, status, type Fault } from "../../support/kube/faults.ts";
import { HostileApi, type Call } from "../../support/kube/hostile-api.ts";
import { until } from "../../support/kube/mirror.ts";

const place = {
  resource: "/apis/coordination.k8s.io/v1/leases",
  namespace: "shop",
  name: "operator",
};

/** A lease of a second, given up after 600 ms. */
const timing = { durationSeconds: 1, renewMs: 600, retryMs: 50 };

let api: HostileApi;
let ends: (() => Promise<void>)[];

beforeEach(async () => {
  api = await HostileApi.start();
  ends = [];
});

afterEach(async () => {
  for (const end of ends) await end();
  await api.close();
});

interface Elector {
  election: LeaderElection;
  troubles: unknown[];
}

function join(identity: string, options: Partial<ElectionOptions> = {}): Elector {
  const connection = connect(api.endpoint);
  const troubles: unknown[] = [];
  const election = new LeaderElection({
    connection,
    namespace: place.namespace,
    name: place.name,
    identity,
    clock: systemClock,
    random: seededRandom(1),
    onTrouble: (error) => troubles.push(error),
    timing,
    ...options,
  });
  ends.push(async () => {
    await election.release();
    await connection.close();
  });
  return { election, troubles };
}

const lease = () => api.state.get(place)?.["spec"] as Record<string, unknown> | undefined;

/** A clock that stands still until it is set. */
function makeClock(): Clock & { elapsedMs: number } {
  const clock = { elapsedMs: 0, now: () => Date.now(), elapsed: () => clock.elapsedMs };
  return clock;
}

/** Waits for the next renewals, and lets 100 ms go by after each. */
async function renew(clock: { elapsedMs: number }, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const version = api.state.version;
    await until(() => api.state.version > version);
    clock.elapsedMs += 100;
  }
}

const isWrite = ({ method }: Call): boolean => method !== "GET";

describe("taking the lease", () => {
  it("makes it where there is none", async () => {
    const { election } = join("one");
    expect(election.leads).toBe(false);
    expect(await election.acquire()).toBe(true);
    expect(election.leads).toBe(true);
    expect(lease()).toMatchObject({
      holderIdentity: "one",
      leaseDurationSeconds: 1,
      leaseTransitions: 0,
      acquireTime: expect.stringMatching(/\.\d{6}Z$/),
      renewTime: expect.stringMatching(/\.\d{6}Z$/),
    });
  });

  it("gives it to one of many that ask at once", async () => {
    const electors = ["one", "two", "three", "four", "five"].map((identity) => join(identity));
    const winner = await Promise.race(
      electors.map(({ election }) => election.acquire().then(() => election)),
    );
    await pause(100);
    expect(
      electors.filter(({ election }) => election.leads).map(({ election }) => election),
    ).toEqual([winner]);
    expect(electors.flatMap(({ troubles }) => troubles)).toEqual([]);
  });

  it.each([
    ["an hour ahead", 3_600_000],
    ["an hour behind", -3_600_000],
  ])("does not believe the clock of a holder that is %s", async (_, skewMs) => {
    const clock = makeClock();
    const one = join("one", { clock: { ...clock, now: () => Date.now() + skewMs } }).election;
    await one.acquire();
    const holding = one.hold();
    const two = join("two", { clock }).election;
    const second = two.acquire();
    await renew(clock, 15);
    expect([one.leads, two.leads]).toEqual([true, false]);
    await one.release();
    await Promise.all([holding, second]);
    expect(two.leads).toBe(true);
    expect(lease()).toMatchObject({ holderIdentity: "two", leaseTransitions: 1 });
  });

  it("waits for the lease's own duration from when it first saw it, however old it says it is", async () => {
    const renewTime = "2001-01-01T00:00:00.000000Z";
    api.state.put(place, {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      spec: { holderIdentity: "dead", leaseDurationSeconds: 1, renewTime, leaseTransitions: 7 },
    });
    const startedAt = performance.now();
    const { election } = join("one");
    await election.acquire();
    expect(performance.now() - startedAt).toBeGreaterThan(1_000);
    expect(lease()).toMatchObject({ holderIdentity: "one", leaseTransitions: 8 });
  });

  it("takes at once a lease that nobody holds", async () => {
    api.state.put(place, { apiVersion: "coordination.k8s.io/v1", kind: "Lease" });
    await join("one").election.acquire();
    expect(api.calls).toHaveLength(2);
  });

  it.each<[string, Fault]>([
    ["a 500", status(500)],
    ["a 403", status(403)],
    ["a reset", reset],
    ["a conflict", status(409, { reason: "Conflict" })],
  ])("tries again after %s", async (_, fault) => {
    api.order(fault, isWrite);
    const { election } = join("one");
    expect(await election.acquire()).toBe(true);
    expect(lease()).toMatchObject({ holderIdentity: "one" });
  });

  it("ends with false where it is released before", async () => {
    await join("one").election.acquire();
    const { election } = join("two");
    const acquired = election.acquire();
    await pause(20);
    await election.release();
    expect(await acquired).toBe(false);
    expect(lease()).toMatchObject({ holderIdentity: "one" });
  });
});

describe("holding the lease", () => {
  it("renews it for as long as it is held, without a new transition", async () => {
    const clock = makeClock();
    const { election } = join("one", { clock });
    await election.acquire();
    const first = lease()?.["renewTime"];
    const holding = election.hold();
    await renew(clock, 15);
    expect(election.leads).toBe(true);
    expect(lease()).toMatchObject({ leaseTransitions: 0, acquireTime: first });
    expect(lease()?.["renewTime"]).not.toBe(first);
    await election.release();
    await holding;
  });

  it("outlives faults that are shorter than its patience", async () => {
    const { election, troubles } = join("one");
    await election.acquire();
    for (const fault of [status(500), reset, status(429), status(409, { reason: "Conflict" })])
      api.order(fault, isWrite);
    const holding = election.hold();
    await until(() => api.left === 0);
    await pause(150);
    expect(election.leads).toBe(true);
    expect(troubles).toHaveLength(3);
    await election.release();
    await holding;
  });

  const partitions: [string, (only: HostileApi) => Promise<void> | void][] = [
    ["refuses connections", (server) => server.close()],
    ["says nothing", (server) => void Array.from({ length: 99 }, () => server.order(silence))],
    [
      "writes, but never says so",
      (server) => void Array.from({ length: 99 }, () => server.order(silence, isWrite)),
    ],
  ];

  it.each(partitions)("is over before another leads, where the API server %s", async (_, act) => {
    const other = await HostileApi.start(api.state);
    const connection = connect(other.endpoint);
    const one = join("one").election;
    const two = join("two", { connection }).election;
    await one.acquire();
    const order: string[] = [];
    const holding = one.hold().then(() => order.push("the first has lost"));
    const second = two.acquire().then(() => order.push("the second leads"));
    await until(() => other.calls.length > 2);
    const both: boolean[] = [];
    const watching = setInterval(() => both.push(one.leads && two.leads), 1);
    await act(api);
    await Promise.all([holding, second]);
    clearInterval(watching);
    expect(both).not.toContain(true);
    expect(order).toEqual(["the first has lost", "the second leads"]);
    expect([one.leads, two.leads]).toEqual([false, true]);
    api.calm();
    await api.close();
    await api.listen();
    await two.release();
    await connection.close();
    await other.close();
  });

  it("is over at once where somebody else wrote his name in", async () => {
    const { election } = join("one");
    await election.acquire();
    const holding = election.hold();
    api.state.put(place, {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      spec: { holderIdentity: "thief", leaseDurationSeconds: 1 },
    });
    await holding;
    expect(election.leads).toBe(false);
    expect(lease()).toMatchObject({ holderIdentity: "thief" });
  });

  it("makes the lease anew where somebody deleted it", async () => {
    const { election } = join("one");
    await election.acquire();
    const holding = election.hold();
    api.state.delete(place);
    await until(() => lease() !== undefined);
    expect(election.leads).toBe(true);
    await election.release();
    await holding;
  });

  it("does not count a renewal from when its answer came", async () => {
    const clock = makeClock();
    const { election } = join("one", { clock });
    api.order(({ response }) => {
      clock.elapsedMs = 500;
      response.end("{}");
    }, isWrite);
    await election.acquire();
    clock.elapsedMs = 599;
    expect(election.leads).toBe(true);
    clock.elapsedMs = 600;
    expect(election.leads).toBe(false);
    await election.hold();
  });
});

describe("releasing the lease", () => {
  it("lets the next one lead without waiting for the lease's end", async () => {
    const long = { ...timing, durationSeconds: 3_600 };
    const one = join("one", { timing: long }).election;
    await one.acquire();
    const holding = one.hold();
    const two = join("two", { timing: long }).election;
    const second = two.acquire();
    await pause(100);
    await one.release();
    expect(one.leads).toBe(false);
    await Promise.all([holding, second]);
    expect(two.leads).toBe(true);
  });

  it("waits for the renewal that is under way, and gives up what that may have written", async () => {
    const { election } = join("one");
    await election.acquire();
    const holding = election.hold();
    // The write is done, and its answer never comes.
    api.order(() => {
      const spec = { ...lease(), renewTime: "2030-01-01T00:00:00.000000Z" };
      api.state.put(place, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", spec });
    }, isWrite);
    await until(() => api.left === 0);
    await election.release();
    await holding;
    expect(lease()).toMatchObject({ holderIdentity: "", leaseDurationSeconds: 1 });
  });

  it("leaves alone what another holds, and writes nothing where it never tried", async () => {
    await join("one").election.acquire();
    const writes = api.calls.filter(isWrite).length;
    await join("two").election.release();
    const three = join("three").election;
    const acquired = three.acquire();
    await pause(20);
    await three.release();
    await acquired;
    expect(api.calls.filter(isWrite)).toHaveLength(writes);
  });

  it("tells of a failure and ends all the same", async () => {
    const { election, troubles } = join("one");
    await election.acquire();
    api.order(status(500), isWrite);
    await election.release();
    expect(troubles).toHaveLength(1);
  });

  it("needs nobody to listen to its failures", async () => {
    const connection = connect(api.endpoint);
    const { namespace, name } = place;
    const random = seededRandom(1);
    const quiet = { connection, namespace, name, identity: "one", clock: systemClock, random };
    const election = new LeaderElection(quiet);
    await election.acquire();
    api.order(reset);
    await election.release();
    expect(election.leads).toBe(false);
    await connection.close();
  });
});
