import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProviderError } from "../../../src/providers/index.ts";
import { BackendPlaces, type Place } from "../../../src/router/backend-places.ts";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { backendEntry } from "../routing/sample-entries.ts";

const bounded = (max: number, maxQueued = 0) =>
  backendEntry("a", { concurrency: { max, maxQueued } });
const never = new AbortController().signal;
const unsettled = new Promise<never>(() => undefined);
const busy = expect.objectContaining({ code: "backend_busy", retryable: false, counts: false });

/** Whether a call was let in at once, had to wait, or was refused. */
function ask(places: BackendPlaces, backend = bounded(2), signal = never) {
  try {
    const taken = places.take(backend, signal);
    return taken instanceof Promise ? { waits: taken } : { place: taken };
  } catch (error) {
    return { error };
  }
}

const isSettled = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    promise.then(() => true),
    new Promise<boolean>((done) => setImmediate(done, false)),
  ]);

describe("a backend's places", () => {
  it("are given up to max, and to the next who asks when one is given back", () => {
    const places = new BackendPlaces();
    const [first] = [ask(places), ask(places)];
    expect(places.hasRoom(bounded(2))).toBe(false);
    expect(ask(places)).toEqual({ error: busy });
    first?.place?.leave();
    expect(places.hasRoom(bounded(2))).toBe(true);
    expect(ask(places).place).toBeDefined();
  });

  it("are without number where nothing bounds them, and are counted", () => {
    const places = new BackendPlaces();
    const backend = backendEntry("a");
    for (let index = 0; index < 1_000; index += 1) ask(places, backend);
    expect(places.count("a")).toEqual({ inFlight: 1_000, queued: 0 });
    expect(places.count("b")).toEqual({ inFlight: 0, queued: 0 });
  });

  it("are given to those who wait in the order in which they came", async () => {
    const places = new BackendPlaces();
    const backend = bounded(1, 3);
    const held = ask(places, backend).place;
    const order: number[] = [];
    const waits = [1, 2, 3].map(async (each) => {
      const place = await ask(places, backend).waits;
      order.push(each);
      place?.leave();
    });
    expect(places.count("a")).toEqual({ inFlight: 1, queued: 3 });
    expect(ask(places, backend)).toEqual({ error: busy });
    held?.leave();
    await Promise.all(waits);
    expect(order).toEqual([1, 2, 3]);
    expect(places.count("a")).toEqual({ inFlight: 0, queued: 0 });
  });

  it("are not given back twice by one call", () => {
    const places = new BackendPlaces();
    const { place } = ask(places);
    ask(places);
    place?.leave();
    place?.leave();
    expect(places.count("a").inFlight).toBe(1);
  });

  it.each<[string, Error, unknown]>([
    ["a client leaves", new ClientGone(), expect.any(ClientGone)],
    ["its time has passed", new ProviderError("slow_first_token", "No content came"), busy],
  ])("are freed of one who waits when %s", async (_what, reason, expected) => {
    const places = new BackendPlaces();
    const backend = bounded(1, 1);
    const held = ask(places, backend).place;
    const leaving = new AbortController();
    const { waits } = ask(places, backend, leaving.signal);
    leaving.abort(reason);
    await expect(waits).rejects.toEqual(expected);
    expect(places.count("a").queued).toBe(0);
    const next = ask(places, backend);
    held?.leave();
    expect(await isSettled(next.waits ?? unsettled)).toBe(true);
    expect(getEventListeners(leaving.signal, "abort")).toHaveLength(0);
  });

  it("follow the bounds of a new table, and those that are held stay counted", async () => {
    const places = new BackendPlaces();
    const taken = [1, 2].map(() => ask(places, bounded(2, 5)).place);
    const waiting = [1, 2].map(() => ask(places, bounded(2, 5)).waits ?? unsettled);
    places.adopt({ backends: { a: bounded(3, 5) } });
    expect(await Promise.all(waiting.map(isSettled))).toEqual([true, false]);
    places.adopt({ backends: { a: bounded(1, 5) } });
    for (const place of taken) place?.leave();
    expect(await isSettled(waiting[1] ?? unsettled)).toBe(false);
    expect(places.count("a")).toEqual({ inFlight: 1, queued: 1 });
    places.adopt({ backends: { a: backendEntry("a") } });
    expect(await isSettled(waiting[1] ?? unsettled)).toBe(true);
  });

  it("are still counted when a backend is gone and comes back while calls are open", () => {
    const places = new BackendPlaces();
    const { place } = ask(places, bounded(1));
    places.adopt({ backends: {} });
    places.adopt({ backends: { a: bounded(1) } });
    expect(ask(places, bounded(1))).toEqual({ error: busy });
    place?.leave();
    places.adopt({ backends: {} });
    expect(places.count("a")).toEqual({ inFlight: 0, queued: 0 });
  });
});

describe("a spare place", () => {
  it("is none where a fifth of the places would not stay free, or anybody waits", () => {
    const places = new BackendPlaces();
    const backend = bounded(5, 1);
    for (let index = 0; index < 3; index += 1) ask(places, backend);
    const spare = places.takeSpare(backend, () => undefined);
    expect(spare).toBeDefined();
    expect(places.count("a")).toEqual({ inFlight: 4, queued: 0 });
    expect(places.takeSpare(backend, () => undefined)).toBeUndefined();
    spare?.leave();
    for (let index = 0; index < 2; index += 1) ask(places, backend);
    void ask(places, backend).waits;
    expect(places.count("a").queued).toBe(1);
    expect(places.takeSpare(backend, () => undefined)).toBeUndefined();
  });

  it("keeps nobody out: it is given up to the call that would be one too many", () => {
    const places = new BackendPlaces();
    const backend = bounded(2);
    const given: string[] = [];
    places.takeSpare(backend, () => given.push("first"));
    expect(ask(places, backend).place).toBeDefined();
    expect(given).toEqual([]);
    expect(places.hasRoom(backend)).toBe(true);
    expect(ask(places, backend).place).toBeDefined();
    expect(given).toEqual(["first"]);
    expect(places.count("a")).toEqual({ inFlight: 2, queued: 0 });
  });

  it("counts until it is left, and is left once", () => {
    const places = new BackendPlaces();
    const unbounded = backendEntry("a");
    const [one, other] = [
      places.takeSpare(unbounded, () => undefined),
      places.takeSpare(unbounded, () => undefined),
    ];
    expect(places.count("a").inFlight).toBe(2);
    one?.leave();
    one?.leave();
    expect(places.count("a").inFlight).toBe(1);
    other?.leave();
    expect(places.count("a").inFlight).toBe(0);
  });
});

describe("whatever is taken, given back, left and changed", () => {
  const step = fc.oneof(
    fc.constant({ act: "take" as const }),
    fc.record({ act: fc.constant("leave" as const), which: fc.nat(50) }),
    fc.record({ act: fc.constant("abort" as const), which: fc.nat(50) }),
    fc.record({
      act: fc.constant("bound" as const),
      max: fc.integer({ min: 1, max: 4 }),
      maxQueued: fc.nat(4),
    }),
  );

  it("no place is lost, none is given beyond max, and nobody waits while one is free", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        const crowd = new Crowd();
        for (const each of steps) {
          crowd.do(each);
          await settled();
          crowd.verify();
        }
        await crowd.leave();
        expect(crowd.places.count("a")).toEqual({ inFlight: 0, queued: 0 });
      }),
      { numRuns: 100 },
    );
  });
});

type Step =
  | { act: "take" }
  | { act: "leave"; which: number }
  | { act: "abort"; which: number }
  | { act: "bound"; max: number; maxQueued: number };

/** Lets those who were admitted or sent away say so. */
const settled = async (): Promise<void> => new Promise((done) => setImmediate(done));

/** Callers of one backend, and what each of them knows. */
class Crowd {
  readonly places = new BackendPlaces();
  readonly #held: Place[] = [];
  readonly #waiting = new Set<AbortController>();
  #backend = bounded(2, 2);

  do(step: Step): void {
    if (step.act === "take") this.#take();
    else if (step.act === "leave") {
      this.#held.splice(step.which % Math.max(1, this.#held.length), 1)[0]?.leave();
    } else if (step.act === "abort") {
      [...this.#waiting][step.which % Math.max(1, this.#waiting.size)]?.abort(new ClientGone());
    } else {
      this.#backend = bounded(step.max, step.maxQueued);
      this.places.adopt({ backends: { a: this.#backend } });
    }
  }

  verify(): void {
    const { inFlight, queued } = this.places.count("a");
    expect(inFlight).toBe(this.#held.length);
    expect(queued).toBe(this.#waiting.size);
    if (queued > 0) expect(inFlight).toBeGreaterThanOrEqual(this.#max);
  }

  async leave(): Promise<void> {
    while (this.#held.length + this.#waiting.size > 0) {
      this.#held.pop()?.leave();
      await settled();
    }
  }

  get #max(): number {
    return this.#backend.concurrency?.max ?? Infinity;
  }

  #take(): void {
    const before = this.places.count("a").inFlight;
    const controller = new AbortController();
    const { place, waits } = ask(this.places, this.#backend, controller.signal);
    if (place !== undefined) this.#held.push(place);
    if (waits !== undefined) {
      this.#waiting.add(controller);
      const end = () => this.#waiting.delete(controller);
      void waits.then((given) => end() && this.#held.push(given), end);
    }
    expect(this.places.count("a").inFlight).toBeLessThanOrEqual(Math.max(before, this.#max));
  }
}
