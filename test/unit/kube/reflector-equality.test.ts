import fc from "fast-check";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { keyOf, type KubeObject, type StoreChange } from "../../../src/kube/index.ts";
import { endingWatch, reset, silence, status, tooMany } from "../../support/kube/faults.ts";
import { HostileApi } from "../../support/kube/hostile-api.ts";
import { route, routePlace, startMirror, until, untilEqual } from "../../support/kube/mirror.ts";

type Step = (api: HostileApi) => void | Promise<void>;

const name = fc.constantFrom("a", "b", "c", "d", "e");

const put = fc
  .tuple(name, fc.string({ unit: "grapheme", maxLength: 5 }))
  .map(([which, note]): [string, Step] => [
    `put ${which}`,
    (api) => void api.state.put(routePlace(which), route(note)),
  ]);

const remove = name.map((which): [string, Step] => [
  `remove ${which}`,
  (api) => void api.state.delete(routePlace(which)),
]);

const named = (step: Step, words: string): fc.Arbitrary<[string, Step]> =>
  fc.constant([words, step]);

const eachWatch =
  (act: (watch: HostileApi["watches"] extends Set<infer Watch> ? Watch : never) => void): Step =>
  (api) =>
    api.watches.forEach(act);

/** Faults of which each is over at once; those of a watch strike those that are open. */
const faults = fc.oneof(
  named((api) => api.order(status(403)), "403"),
  named((api) => api.order(status(404)), "404"),
  named((api) => api.order(status(410)), "410"),
  named((api) => api.order(status(422)), "422"),
  named((api) => api.order(status(500)), "500"),
  named((api) => api.order(tooMany("0")), "429"),
  named((api) => api.order(reset), "reset at once"),
  named((api) => api.order(silence), "silence"),
  named((api) => api.order(endingWatch('{"type":"ADD')), "half a line"),
  named((api) => api.order(endingWatch("}\n")), "a line of garbage"),
  named((api) => api.state.compact(), "compact"),
  named(
    eachWatch((watch) => watch.reset()),
    "reset in the middle",
  ),
  named(
    eachWatch((watch) => watch.end()),
    "clean end",
  ),
  named(
    eachWatch((watch) => watch.endWithGone()),
    "gone",
  ),
  named(
    eachWatch((watch) => watch.say("\u0000\n")),
    "garbage in the middle",
  ),
  named(async (api) => {
    await api.close();
    await pause(20);
    await api.listen();
  }, "restart"),
);

/** The server goes on while nobody watches, and may forget what happened meanwhile. */
const absence = fc
  .tuple(
    fc.array(fc.oneof(put, remove), { minLength: 1, maxLength: 4 }),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([changes, forgets, refuses]): [string, Step] => [
    `away: ${changes.map(([words]) => words).join(", ")}${forgets ? ", compact" : ""}`,
    async (api) => {
      if (refuses) await api.close();
      else api.watches.forEach((watch) => watch.end());
      for (const [, change] of changes) await change(api);
      if (forgets) api.state.compact();
      if (refuses) await api.listen();
    },
  ]);

const breath = fc.nat({ max: 25 }).map((ms): [string, Step] => [
  `${ms} ms`,
  async () => {
    await pause(ms);
  },
]);

const script = fc.record({
  isOld: fc.boolean(),
  /** For the first listing, before anything happens. */
  waits: fc.boolean(),
  goneAs: fc.constantFrom("status" as const, "event" as const),
  pageSize: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
  chunkBytes: fc.constantFrom(1, 7, Number.POSITIVE_INFINITY),
  steps: fc.array(
    fc.oneof(
      { weight: 3, arbitrary: put },
      { weight: 2, arbitrary: remove },
      absence,
      faults,
      breath,
    ),
    { minLength: 1, maxLength: 30 },
  ),
});

/** Each change begins where the last of its key ended, and goes forward. */
function expectConsistent(changes: readonly StoreChange<KubeObject>[]): void {
  const held = new Map<string, KubeObject>();
  for (const { before, after } of changes) {
    const object = after ?? before;
    const key = object === undefined ? "" : keyOf(object);
    expect(before).toBe(held.get(key));
    expect(after).not.toBe(before);
    if (after === undefined) held.delete(key);
    else held.set(key, after);
    const [from, to] = [before, after].map((item) => Number(item?.metadata.resourceVersion));
    if (before !== undefined && after !== undefined) expect(to).toBeGreaterThan(from ?? 0);
  }
}

it("ends equal to the server whatever happens, and tells each change once", async () => {
  const property = fc.asyncProperty(script, async ({ steps, waits, ...settings }) => {
    const api = Object.assign(await HostileApi.start(), settings);
    try {
      for (const which of ["a", "b", "c"]) api.state.put(routePlace(which), route("first"));
      await using mirror = startMirror(api);
      if (waits) await mirror.reflector.whenSynced;
      for (const [, step] of steps) await step(api);
      await untilEqual(mirror.store, api);
      await until(() => mirror.reflector.isSynced);
      expectConsistent(mirror.changes);
    } finally {
      await api.close();
    }
  });
  await fc.assert(property, { numRuns: 60 });
}, 120_000);
