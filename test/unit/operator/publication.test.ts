import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lostEntries, planPublication } from "../../../src/operator/publication-plan.ts";
import { carryOut, readPublished } from "../../../src/operator/publish.ts";
import { PublishedGroup, type Publishable } from "../../../src/operator/published-group.ts";
import { encodeTable, type RoutingTable } from "../../../src/table/index.ts";
import { arbitraryTable } from "../table/arbitrary-table.ts";
import { Killed, models, packedModel, SimulatedStore } from "./simulated-store.ts";
import { tableOf } from "./sample-tables.ts";

const allowed = () => Promise.resolve(true);
function publishable(table: RoutingTable): Publishable {
  const encoded = encodeTable(table);
  const { model } = encoded.pointer;
  return { table, encoded, model: model && packedModel(model.digest) };
}

function planOf(previous: Parameters<typeof planPublication>[0], table: RoutingTable) {
  const plan = planPublication(previous, encodeTable(table));
  if (!plan.ok) throw new Error("The table is too large");
  return plan.value;
}

describe("planning a publication", () => {
  test("the first one fills slot A of every bucket", () => {
    const plan = planOf(undefined, tableOf("models", ["chat"]));
    expect(plan.slots).toHaveLength(32);
    expect(new Set(plan.slots.map(({ slot }) => slot))).toEqual(new Set(["A"]));
    expect(plan.slots[7]?.name).toBe("switchyard-default-bucket-07-a");
  });

  test("one changed route goes into the slot that its bucket does not name, and nothing else is written", () => {
    const first = planOf(undefined, tableOf("models", ["chat", "sums"]));
    const changed = tableOf("models", ["chat", "sums"], { chat: { models: ["other"] } });
    const second = planOf(first.pointer, changed);
    expect(second.slots.map(({ slot }) => slot)).toEqual(["B"]);
    const third = planOf(second.pointer, tableOf("models", ["chat", "sums"]));
    expect(third.slots.map(({ slot }) => slot)).toEqual(["A"]);
    expect(third.pointer).toEqual(first.pointer);
  });

  test("an equal table changes nothing", () => {
    const first = planOf(undefined, tableOf("models", ["chat"]));
    const again = planOf(first.pointer, tableOf("models", ["chat"]));
    expect(again).toMatchObject({ changed: false, slots: [] });
    expect(again.pointer).toEqual(first.pointer);
  });

  test("slots that an unreadable pointer names are left alone", () => {
    const named = { buckets: Array.from({ length: 32 }, () => ({ slot: "A" as const })) };
    const plan = planOf(named, tableOf("models", ["chat"]));
    expect(new Set(plan.slots.map(({ slot }) => slot))).toEqual(new Set(["B"]));
  });

  test("a bucket that no slot can hold is named, and nothing is planned", () => {
    const encoded = encodeTable(tableOf("models", ["chat"]));
    const buckets = encoded.buckets.with(5, randomBytes(800 * 1024));
    const plan = planPublication(undefined, { ...encoded, buckets });
    expect(plan).toMatchObject({ ok: false, error: [{ code: "TooLarge", bucket: 5 }] });
  });
});

test("lost entries are those that the next table has not", () => {
  const before = tableOf("models", ["chat", "sums"]);
  expect(lostEntries(before, tableOf("models", ["chat"]))).toEqual(["routes/sums"]);
  expect(lostEntries(undefined, before)).toEqual([]);
  expect(lostEntries(before, tableOf("models", ["chat", "sums", "more"]))).toEqual([]);
});

describe("carrying a publication out", () => {
  test("wherever the writer is killed, a router reads the old table or the new one, and the next run converges", async () => {
    const cut = fc.array(fc.record({ table: arbitraryTable, kill: fc.nat({ max: 40 }) }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(cut, arbitraryTable, async (steps, last) => {
        const store = new SimulatedStore();
        let published: RoutingTable | undefined;
        const group = { namespace: "models", routerClass: "default" };
        for (const { table: body, kill } of [...steps, { table: last, kill: 1_000 }]) {
          const table = { ...body, group };
          const readable = [published, table].map(
            (each) => each && encodeTable(each).pointer.digest,
          );
          store.left = kill;
          store.onWrite = () => {
            const served = store.routerReads("default");
            expect(readable).toContain(served && encodeTable(served).pointer.digest);
          };
          // Every run is another process that knows nothing of the one before.
          const operator = new PublishedGroup(store, models);
          await operator.open("default");
          const outcome = await operator
            .publish(publishable(table), allowed)
            .catch((error: unknown) => error);
          if (outcome instanceof Killed) continue;
          expect(outcome).not.toBeInstanceOf(Error);
          published = table;
        }
        expect(encodeTable(store.routerReads("default") ?? last)).toEqual(
          encodeTable({ ...last, group }),
        );
      }),
      { numRuns: 60 },
    );
  });

  test("the pointer is written last, and nothing where nothing changed", async () => {
    const store = new SimulatedStore();
    await carryOut(planOf(undefined, tableOf("models", ["chat"])), store);
    expect(store.written.at(-1)).toBe("pointer");
    const writes = store.written.length;
    const operator = new PublishedGroup(store, models);
    await operator.open("default");
    const outcome = await operator.publish(publishable(tableOf("models", ["chat"])), allowed);
    expect(outcome).toEqual({ state: "Unchanged" });
    expect(store.written).toHaveLength(writes);
  });

  test("a writer that was killed goes on where it was, in the same process too", async () => {
    const store = new SimulatedStore();
    const operator = new PublishedGroup(store, models);
    await operator.open("default");
    await operator.publish(publishable(tableOf("models", ["chat"])), allowed);
    const next = publishable(tableOf("models", ["chat"], { chat: { models: ["other"] } }));
    store.left = 1;
    await expect(operator.publish(next, allowed)).rejects.toBeInstanceOf(Killed);
    expect(store.routerReads("default")?.routes["chat"]?.models).toEqual(["chat"]);
    store.left = 2;
    await operator.open("default");
    await operator.publish(next, allowed);
    expect(store.routerReads("default")?.routes["chat"]?.models).toEqual(["other"]);
  });

  test("a pointer that was switched without the writer hearing of it is believed", async () => {
    const store = new SimulatedStore();
    const operator = new PublishedGroup(store, models);
    await operator.open("default");
    await operator.publish(publishable(tableOf("models", ["chat"])), allowed);
    const next = publishable(tableOf("models", ["chat"], { chat: { models: ["other"] } }));
    store.onWrite = () => {
      if (store.written.at(-1) === "pointer") throw new Killed("Cut off after the pointer");
    };
    await expect(operator.publish(next, allowed).catch(rethrow)).rejects.toBeInstanceOf(Killed);
    store.onWrite = () => undefined;
    const writes = store.written.length;
    await operator.open("default");
    expect(await operator.publish(next, allowed)).toEqual({ state: "Unchanged" });
    expect(store.written).toHaveLength(writes);
    expect(operator.history.since("routes", "chat")).toEqual({ form: 1, presence: 0 });
  });
});

const rethrow = (error: unknown): never => {
  throw error;
};

describe("a table that would lose entries", () => {
  const shrunk = publishable(tableOf("models", ["chat"]));

  async function published(): Promise<{ store: SimulatedStore; operator: PublishedGroup }> {
    const store = new SimulatedStore();
    const operator = new PublishedGroup(store, models);
    await operator.open("default");
    await operator.publish(publishable(tableOf("models", ["chat", "sums"])), allowed);
    return { store, operator };
  }

  test("is published once the definitions are known to stand", async () => {
    const { store, operator } = await published();
    expect(await operator.publish(shrunk, allowed)).toMatchObject({ state: "Published", slots: 1 });
    expect(Object.keys(store.routerReads("default")?.routes ?? {})).toEqual(["chat"]);
  });

  test("is withheld while they do not, and nothing is written", async () => {
    const { store, operator } = await published();
    const writes = store.written.length;
    const outcome = await operator.publish(shrunk, () => Promise.resolve(false));
    expect(outcome).toEqual({ state: "Withheld" });
    expect(store.written).toHaveLength(writes);
  });

  test("is not published where that cannot be told", async () => {
    const { store, operator } = await published();
    const writes = store.written.length;
    const unknown = () => Promise.reject(new Error("403"));
    await expect(operator.publish(shrunk, unknown)).rejects.toThrow("403");
    expect(store.written).toHaveLength(writes);
  });
});

describe("reading back what is published", () => {
  const two = tableOf("models", ["chat", "sums"]);

  async function damaged(damage: (store: SimulatedStore) => void): Promise<SimulatedStore> {
    const store = new SimulatedStore();
    await carryOut(planOf(undefined, two), store);
    damage(store);
    return store;
  }

  test("a sound table comes back whole", async () => {
    const store = await damaged(() => undefined);
    expect(await readPublished("default", store)).toMatchObject({ state: "Published", table: two });
  });

  test("no pointer is no table", async () => {
    expect(await readPublished("default", new SimulatedStore())).toEqual({ state: "Absent" });
  });

  test.each([
    ["is gone", (store: SimulatedStore, name: string) => store.slots.delete(name)],
    [
      "is no gzip",
      (store: SimulatedStore, name: string) => store.slots.set(name, Buffer.from("x")),
    ],
    [
      "holds another bucket",
      (store: SimulatedStore, name: string) =>
        store.slots.set(name, store.slots.get("switchyard-default-bucket-00-a") ?? Buffer.of()),
    ],
  ])("where a slot %s, the rest is salvaged and that slot is written anew", async (_, damage) => {
    const sums = planOf(planOf(undefined, two).pointer, tableOf("models", ["chat"])).slots[0];
    const name = sums?.name.replace(/-b$/, "-a") ?? "";
    const store = await damaged((each) => damage(each, name));
    const found = await readPublished("default", store);
    if (found.state !== "Unreadable") throw new Error(found.state);
    expect(Object.keys(found.salvaged?.routes ?? {})).toEqual(["chat"]);
    const operator = new PublishedGroup(store, models);
    expect(await operator.open("default")).toMatch(/Bucket \d+/);
    const outcome = await operator.publish(publishable(two), allowed);
    expect(outcome).toMatchObject({ state: "Published", slots: 1 });
    expect(store.routerReads("default")).toEqual(two);
  });

  test("a damaged table is only replaced while the definitions stand", async () => {
    const store = await damaged((each) => (each.pointer = '{"schemaVersion":1}'));
    const operator = new PublishedGroup(store, models);
    expect(await operator.open("default")).toMatch(/not of its shape/);
    const outcome = await operator.publish(publishable(two), () => Promise.resolve(false));
    expect(outcome).toEqual({ state: "Withheld" });
  });

  test("a pointer of a version to come keeps its slots while the table is made anew", async () => {
    const store = await damaged((each) => {
      const pointer = JSON.parse(each.pointer ?? "") as object;
      each.pointer = JSON.stringify({ ...pointer, schemaVersion: 9 });
    });
    const operator = new PublishedGroup(store, models);
    await operator.open("default");
    await operator.publish(publishable(two), allowed);
    const slots = store.written.filter((name) => name !== "pointer").slice(32);
    expect(slots).toHaveLength(32);
    expect(slots.every((name) => name.endsWith("-b"))).toBe(true);
  });
});

describe("a group's own classifier model", () => {
  const [one, two] = ["1".repeat(64), "2".repeat(64)];
  const taught = (classifier?: string) =>
    publishable(
      tableOf("models", ["chat"], { chat: classifier === undefined ? {} : { classifier } }),
    );

  async function opened(store: SimulatedStore): Promise<PublishedGroup> {
    const operator = new PublishedGroup(store, models);
    await operator.open("default");
    return operator;
  }

  test("goes into the slot that the pointer does not name, before the pointer does", async () => {
    const store = new SimulatedStore();
    const operator = await opened(store);
    await operator.publish(taught(one), allowed);
    expect(store.written.slice(-2)).toEqual(["switchyard-default-model-a", "pointer"]);
    await operator.publish(taught(two), allowed);
    expect(store.written.slice(-2)).toEqual(["switchyard-default-model-b", "pointer"]);
    expect(store.routerReads("default")?.routes["chat"]?.classifier).toBe(two);
    expect(store.slots.get("switchyard-default-model-a")).toEqual(Buffer.from(one));
  });

  test("is written once, however often the table changes", async () => {
    const store = new SimulatedStore();
    const operator = await opened(store);
    await operator.publish(taught(one), allowed);
    store.written.length = 0;
    const table = tableOf("models", ["chat", "more"], { chat: { classifier: one } });
    await operator.publish(publishable(table), allowed);
    expect(store.written.filter((name) => name.includes("-model-"))).toEqual([]);
  });

  test("can be had again by the next operator, out of its slot", async () => {
    const store = new SimulatedStore();
    await (await opened(store)).publish(taught(one), allowed);
    expect((await opened(store)).model).toEqual(packedModel(one));
  });

  test("whose slot holds something else is not to be had, and is written anew beside it", async () => {
    const store = new SimulatedStore();
    await (await opened(store)).publish(taught(one), allowed);
    store.slots.set("switchyard-default-model-a", Buffer.from("spoiled"));
    const operator = await opened(store);
    expect(operator.model).toBeUndefined();
    await operator.publish(taught(one), allowed);
    expect(store.written.slice(-2)).toEqual(["switchyard-default-model-b", "pointer"]);
    expect(store.routerReads("default")?.routes["chat"]?.classifier).toBe(one);
  });

  test("leaves the pointer with the last route that names it", async () => {
    const store = new SimulatedStore();
    const operator = await opened(store);
    await operator.publish(taught(one), allowed);
    await operator.publish(taught(), allowed);
    expect(operator.pointer?.model).toBeUndefined();
    expect(operator.model).toBeUndefined();
  });
});
