import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WorkQueue } from "../../../src/kube/index.ts";

type Options = ConstructorParameters<typeof WorkQueue>[0];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

interface Bench {
  queue: WorkQueue;
  /** Key and time of each run. */
  runs: [string, number][];
  errors: unknown[];
}

function makeQueue(options: Partial<Options> = {}): Bench {
  const startedAt = performance.now();
  const runs: [string, number][] = [];
  const errors: unknown[] = [];
  const { work, ...rest } = options;
  const queue = new WorkQueue({
    work: async (key) => {
      runs.push([key, Math.round(performance.now() - startedAt)]);
      await work?.(key);
    },
    onError: (_, error) => errors.push(error),
    // Waits are then three quarters of the bound.
    random: () => 0.5,
    ...rest,
  });
  return { queue, runs, errors };
}

const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

describe("adding", () => {
  it("makes one run of many asks", async () => {
    const { queue, runs } = makeQueue();
    for (let index = 0; index < 10; index += 1) queue.add("a");
    await vi.advanceTimersByTimeAsync(100);
    expect(runs).toEqual([["a", 0]]);
  });

  it.each([
    ["first", 50, 200],
    ["last", 200, 50],
  ])("lets the sooner of two asks count where it comes %s", async (_, one, other) => {
    const { queue, runs } = makeQueue();
    queue.add("a", one);
    queue.add("a", other);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs).toEqual([["a", 50]]);
  });

  it("runs a key once that is asked for again while it waits for its turn, and those behind it in theirs", async () => {
    const { queue, runs } = makeQueue({ work: () => sleep(100) });
    await vi.advanceTimersByTimeAsync(5_000);
    for (const key of ["a", "b", "c"]) queue.add(key);
    await vi.advanceTimersByTimeAsync(50);
    queue.add("b");
    queue.add("b", -1_000);
    await vi.advanceTimersByTimeAsync(10);
    queue.add("d");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs.map(([key]) => key)).toEqual(["a", "b", "c", "d"]);
  });

  it("runs a key once more that is asked for while it runs", async () => {
    const { queue, runs } = makeQueue({ work: () => sleep(100) });
    queue.add("a");
    await vi.advanceTimersByTimeAsync(50);
    queue.add("a");
    queue.add("a");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs).toEqual([
      ["a", 0],
      ["a", 101],
    ]);
  });

  it("keeps the delay of an ask that comes while the key runs", async () => {
    const { queue, runs } = makeQueue({
      work: async () => {
        if (runs.length === 1) queue.add("a", 5_000);
        await sleep(10);
      },
    });
    queue.add("a");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(runs.map(([, at]) => at)).toEqual([0, 5_000]);
  });

  it("rests a key for its pause, whether it was asked for during the run or after", async () => {
    const { queue, runs } = makeQueue({ pauseMs: 300 });
    queue.add("a");
    await vi.advanceTimersByTimeAsync(10);
    queue.add("a");
    queue.add("b");
    await vi.advanceTimersByTimeAsync(1_000);
    queue.add("a");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs).toEqual([
      ["a", 0],
      ["b", 10],
      ["a", 300],
      ["a", 1_010],
    ]);
  });
});

describe("running", () => {
  it("never works on a key twice at once, and on no more keys than allowed", async () => {
    const running: string[] = [];
    let most = 0;
    const { queue, runs } = makeQueue({
      concurrency: 3,
      work: async (key) => {
        expect(running).not.toContain(key);
        running.push(key);
        most = Math.max(most, running.length);
        await sleep(7 + (key.charCodeAt(0) % 5));
        running.splice(running.indexOf(key), 1);
      },
    });
    for (let round = 0; round < 20; round += 1) {
      for (const key of "abcdef") queue.add(key);
      await vi.advanceTimersByTimeAsync(5);
    }
    await vi.advanceTimersByTimeAsync(1_000);
    expect(most).toBe(3);
    expect(new Set(runs.map(([key]) => key)).size).toBe(6);
  });

  it("works on keys in the order in which they fell due", async () => {
    const { queue, runs } = makeQueue({ work: () => sleep(10) });
    for (const key of ["c", "a", "b"]) queue.add(key);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs.map(([key]) => key)).toEqual(["c", "a", "b"]);
  });
});

describe("failing", () => {
  it("comes back after waits that grow to a minute, and says why each time", async () => {
    const { queue, runs, errors } = makeQueue({ work: () => Promise.reject(new Error("no")) });
    queue.add("a");
    await vi.advanceTimersByTimeAsync(300_000);
    const waits = runs.slice(1).map(([, at], index) => at - (runs[index]?.[1] ?? 0));
    expect(waits.slice(0, 8)).toEqual([375, 750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000]);
    expect(Math.max(...waits)).toBe(45_000);
    expect(errors).toHaveLength(runs.length);
  });

  it("begins with short waits again after a success", async () => {
    const results = [false, false, false, true, false, true];
    const { queue, runs } = makeQueue({
      work: async () => {
        if (results.shift() === false) throw new Error("no");
      },
    });
    queue.add("a");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toHaveLength(4);
    queue.add("a");
    await vi.advanceTimersByTimeAsync(10_000);
    expect((runs[5]?.[1] ?? 0) - (runs[4]?.[1] ?? 0)).toBe(375);
  });

  it("runs at once where something new is asked during a wait, and still counts the failures", async () => {
    const { queue, runs } = makeQueue({ work: () => Promise.reject(new Error("no")) });
    queue.add("a");
    await vi.advanceTimersByTimeAsync(100);
    queue.add("a");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs.map(([, at]) => at)).toEqual([0, 100, 850]);
  });

  it("does not hold up other keys", async () => {
    const { queue, runs } = makeQueue({
      work: (key) => (key === "bad" ? Promise.reject(new Error("no")) : Promise.resolve()),
    });
    queue.add("bad");
    queue.add("good");
    await vi.advanceTimersByTimeAsync(50);
    expect(runs.map(([key]) => key)).toEqual(["bad", "good"]);
  });
});

describe("stopping", () => {
  it("waits for what runs, takes no more, and leaves no timer behind", async () => {
    const { queue, runs } = makeQueue({ work: () => sleep(100), pauseMs: 50 });
    queue.add("a");
    queue.add("b");
    queue.add("later", 10_000);
    await vi.advanceTimersByTimeAsync(10);
    let stopped = 0;
    const stops = [queue.stop(), queue.stop()].map((each) => each.then(() => (stopped += 1)));
    queue.add("c");
    await vi.advanceTimersByTimeAsync(50);
    expect(stopped).toBe(0);
    await vi.advanceTimersByTimeAsync(50);
    await Promise.all(stops);
    expect(runs.map(([key]) => key)).toEqual(["a"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends at once where nothing runs", async () => {
    const { queue } = makeQueue();
    queue.add("a", 1_000);
    await queue.stop();
    await queue.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not retry what failed while it stopped", async () => {
    const { queue, runs } = makeQueue({
      work: async () => {
        await sleep(10);
        throw new Error("no");
      },
    });
    queue.add("a");
    await vi.advanceTimersByTimeAsync(5);
    const stopped = queue.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    await stopped;
    expect(runs).toHaveLength(1);
  });
});
