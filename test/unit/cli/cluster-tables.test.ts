import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TableCopy } from "../../../src/cli/table-copy.ts";
import {
  bucketCount,
  bucketOf,
  decodeTable,
  encodeTable,
  packBucket,
} from "../../../src/table/index.ts";
import { silence } from "../../support/kube/faults.ts";
import { isWatch, type Call } from "../../support/kube/hostile-api.ts";
import { names, placeOfMap, TableBench, tableOf, until } from "./table-bench.ts";

let bench: TableBench;

beforeEach(async () => {
  bench = await TableBench.open();
});

afterEach(() => bench.close());

const serves = (...models: string[]) =>
  until(`Serving ${models.join()}`, () => bench.models().join() === models.join());
const lastTold = () => bench.told.at(-1);
const home = bucketOf("routes", "chat");
const isFor =
  (name: string) =>
  (call: Call): boolean =>
    !isWatch(call) && call.path.endsWith(`/${name}`);

const packed = (text: string) => {
  const result = packBucket(Buffer.from(text));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

describe("a router's table out of the cluster", () => {
  it("is loaded whole the first time, by the names of its objects, and told of", async () => {
    const { digest } = bench.publish({ chat: "one" });
    await bench.start();
    await serves("one");
    await until("An acknowledgement", () => bench.told.length > 0);
    expect(bench.told).toEqual([{ digest, error: undefined }]);
    expect(bench.slotsRead().toSorted()).toEqual(
      Array.from({ length: bucketCount }, (_, bucket) => names.slot(bucket, "A")),
    );
    const others = bench.api.calls.filter(({ path }) => !path.includes("-bucket-"));
    expect(others.map((call) => isWatch(call) && call.query.get("fieldSelector"))).toEqual([
      `metadata.name=${names.pointer}`,
    ]);
  });

  it("is waited for where nothing was published yet", async () => {
    await bench.start({ rereadMs: 20 });
    await until("Looking twice", () => bench.api.calls.filter(isFor(names.pointer)).length > 1);
    expect(bench.holder.current).toBeUndefined();
    expect(bench.told).toEqual([]);
    bench.publish({ chat: "one" });
    await serves("one");
  });

  it("costs one slot for one changed route", async () => {
    bench.publish({ chat: "one", sums: "two" });
    await bench.start();
    await serves("one", "two");
    bench.api.calls.length = 0;
    bench.publish({ chat: "edited", sums: "two" });
    await serves("edited", "two");
    expect(bench.slotsRead()).toEqual([names.slot(home, "B")]);
  });

  it("costs nothing where a bucket is as it was before", async () => {
    const first = bench.publish({ chat: "one" });
    await bench.start();
    await serves("one");
    bench.api.calls.length = 0;
    bench.writePointer({
      ...first,
      buckets: first.buckets.map((each) => ({ ...each, slot: "B" })),
    });
    bench.publish({ chat: "two" });
    await serves("two");
    expect(bench.slotsRead()).toEqual([names.slot(home, "A")]);
  });

  it("is followed through many changes at once to the last", async () => {
    await bench.start();
    for (let edit = 0; edit < 50; edit += 1) bench.publish({ chat: `edit-${edit}` });
    await serves("edit-49");
    await until("The last is told", () => lastTold()?.digest === bench.holder.current?.digest);
    expect(bench.told.filter(({ error }) => error !== undefined)).toEqual([]);
  });
});

describe("what is broken in the cluster", () => {
  const slot = names.slot(home, "B");
  const wholeTable = () => encodeTable(tableOf({ chat: "two" }));

  it.each<[string, () => void, RegExp]>([
    ["a slot that is no gzip", () => bench.writeSlot(slot, Buffer.from("none")), /bucket-\d+-b: /],
    [
      "a slot that is cut",
      () => bench.writeSlot(slot, packed(`{"backends":{}}`).subarray(0, 20)),
      /bucket-\d+-b: /,
    ],
    [
      "a slot of other bytes",
      () => bench.writeSlot(slot, packed("{}")),
      /Bucket \d+ has the digest/,
    ],
    [
      "a slot without a bucket",
      () => bench.api.state.put(placeOfMap(slot), { data: {} }),
      /Bucket \d+ is missing/,
    ],
    ["a slot that is gone", () => bench.api.state.delete(placeOfMap(slot)), /it is 404/],
  ])("is refused, told of and mended: %s", async (_, damage, sentence) => {
    const old = bench.publish({ chat: "one" });
    await bench.start();
    await serves("one");
    const pointer = {
      ...wholeTable().pointer,
      buckets: wholeTable().pointer.buckets.map(({ digest }, index) => ({
        digest,
        slot: index === home ? ("B" as const) : ("A" as const),
      })),
    };
    damage();
    bench.writePointer(pointer);
    await until("A refusal", () => lastTold()?.error !== undefined);
    expect(lastTold()).toEqual({ digest: old.digest, error: expect.stringMatching(sentence) });
    expect(bench.holder.problems).toEqual([expect.stringMatching(sentence)]);
    expect(bench.models()).toEqual(["one"]);

    const bytes = wholeTable().buckets[home];
    bench.writeSlot(slot, packed(Buffer.from(bytes ?? []).toString()));
    await serves("two");
    await until("The error is gone", () => lastTold()?.error === undefined);
    expect(lastTold()?.digest).toBe(pointer.digest);
    expect(bench.holder.problems).toEqual([]);
    expect(bench.lines.filter((line) => line.startsWith("Refusing"))).toHaveLength(1);
  });

  it("costs retries of the broken slot alone, also at the first load", async () => {
    bench.publish({ chat: "one" });
    bench.writeSlot(bench.slotOf(home), Buffer.from("none"));
    await bench.start();
    await until("A refusal", () => lastTold()?.error !== undefined);
    expect(lastTold()?.digest).toBeUndefined();
    expect(bench.holder.current).toBeUndefined();
    const counted = (name: string) => bench.slotsRead().filter((each) => each === name).length;
    expect(counted(bench.slotOf(home))).toBeGreaterThan(1);
    for (const bucket of wholeTable().pointer.buckets.keys())
      if (bucket !== home) expect(counted(bench.slotOf(bucket))).toBe(1);
  });

  it.each([
    ["no JSON", "{", /not of its shape/],
    ["of a later version", `{"schemaVersion":9}`, /schema version 9; this release reads 1/],
    [
      "another's digest",
      JSON.stringify(encodeTable(tableOf({})).pointer).replace("shop", "pub"),
      /digest/,
    ],
  ])("a pointer that is %s changes nothing and is told of", async (_, text, sentence) => {
    const { digest } = bench.publish({ chat: "one" });
    await bench.start();
    await serves("one");
    bench.writePointerText(text);
    await until("A refusal", () => lastTold()?.error !== undefined);
    expect(lastTold()).toEqual({ digest, error: expect.stringMatching(sentence) });
    expect(bench.models()).toEqual(["one"]);
    bench.publish({ chat: "two" });
    await serves("two");
    await until("The error is gone", () => lastTold()?.error === undefined);
  });

  it("is over when the pointer comes back to the table that is served", async () => {
    const old = bench.publish({ chat: "one" });
    await bench.start();
    await serves("one");
    const next = bench.publish({ chat: "two" });
    await serves("two");
    bench.writeSlot(names.slot(home, "A"), packed("{}"));
    bench.writePointer(old);
    await until("A refusal", () => lastTold()?.error !== undefined);
    bench.writePointer(next);
    await until("The error is gone", () => lastTold()?.error === undefined);
    expect(lastTold()?.digest).toBe(next.digest);
    expect(bench.holder.problems).toEqual([]);
  });

  it("a pointer that is deleted takes nothing away, and is followed when it is back", async () => {
    bench.publish({ chat: "one" });
    await bench.start();
    await serves("one");
    bench.told.length = 0;
    bench.api.state.delete(placeOfMap(names.pointer));
    bench.api.calls.length = 0;
    await bench.stop();
    expect(bench.models()).toEqual(["one"]);
    await bench.start({ rereadMs: 10 });
    await until("Looking", () => bench.api.calls.filter(isFor(names.pointer)).length > 2);
    expect(bench.models()).toEqual(["one"]);
    expect(bench.told.filter(({ error }) => error !== undefined)).toEqual([]);
    bench.publish({ chat: "two" });
    await serves("two");
  });
});

describe("a race with the operator", () => {
  it("over a slot that is rewritten while an older pointer is read converges, and nobody is told", async () => {
    bench.publish({ chat: "one" });
    await bench.start();
    await serves("one");
    const slot = names.slot(home, "B");
    // Between the reading of the pointer and that of its slot, two newer tables are published.
    bench.api.order(({ response }) => {
      bench.publish({ chat: "three" });
      bench.publish({ chat: "four" });
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(bench.api.state.get(placeOfMap(slot))));
    }, isFor(slot));
    bench.publish({ chat: "two" });
    await serves("four");
    await until("The last is told", () => lastTold()?.digest === bench.holder.current?.digest);
    expect(bench.told.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(bench.holder.problems).toEqual([]);
  });

  it("that goes on for long is told of all the same", async () => {
    bench.publish({ chat: "one" });
    await bench.start();
    await serves("one");
    let edit = 0;
    const publishing = setInterval(() => {
      const pointer = bench.publish({ chat: "broken", [`route-${(edit += 1)}`]: `model-${edit}` });
      bench.writeSlot(names.slot(home, pointer.buckets[home]?.slot ?? "A"), packed("{}"));
    }, 20);
    try {
      await until("A refusal", () => lastTold()?.error !== undefined);
    } finally {
      clearInterval(publishing);
    }
    expect(bench.models()).toEqual(["one"]);
  });

  it("does not bring back an older pointer by an answer that was long on its way", async () => {
    bench.publish({ chat: "one" });
    let answered = false;
    bench.api.order(({ response }) => {
      const older = JSON.stringify(bench.api.state.get(placeOfMap(names.pointer)));
      bench.publish({ chat: "two" });
      void serves("two").then(() => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(older, () => (answered = true));
      });
    }, isFor(names.pointer));
    await bench.start({ rereadMs: 200 });
    await until("The older answer", () => answered);
    await until("A look after it", () => bench.api.calls.filter(isFor(names.pointer)).length > 2);
    expect(bench.models()).toEqual(["two"]);
    expect(bench.lines.filter((line) => line.startsWith("Loading"))).toHaveLength(2);
  });

  it("is not lost by a watch that says nothing", async () => {
    bench.publish({ chat: "one" });
    for (let watch = 0; watch < 5; watch += 1) bench.api.order(silence, isWatch);
    await bench.start({ rereadMs: 20 });
    await serves("one");
    bench.publish({ chat: "two" });
    await serves("two");
  });
});

describe("the copy on disk", () => {
  const copy = () => new TableCopy(bench.folder, (error) => expect.unreachable(String(error)));

  it("is whole after every change, also where a bucket has become empty", async () => {
    const others = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`r${at}`, `m${at}`]));
    bench.publish({ ...others, chat: "one" });
    await bench.start();
    await until("A table", () => bench.models().includes("one"));
    const { digest } = bench.publish({ r1: "m1" });
    await serves("m1");
    await bench.stop();
    const kept = await copy().read();
    expect(kept?.pointer.digest).toBe(digest);
    const decoded = kept && decodeTable(kept);
    expect(decoded?.ok && Object.keys(decoded.value.routes)).toEqual(["r1"]);
  });

  it("serves a router that starts while the API server is away, which follows it once it is back", async () => {
    const { digest } = bench.publish({ chat: "one" });
    await bench.start();
    await serves("one");
    await bench.stop();
    bench.holder.setProblems([]);
    await bench.api.close();
    const again = await restarted();
    expect(again.models()).toEqual(["one"]);
    expect(again.told).toEqual([{ digest, error: undefined }]);
    await until("The trouble is told", () => again.holder.problems.length > 0);
    expect(again.holder.problems[0]).toMatch(/^The table cannot be watched: /);
    await bench.api.listen();
    bench.publish({ chat: "two" });
    await until("Following", () => again.models().join() === "two");
    await until("All is well", () => again.holder.problems.length === 0);
  });

  it("costs no slot where it is the published table", async () => {
    bench.publish({ chat: "one" });
    await bench.start();
    await serves("one");
    await bench.stop();
    bench.api.calls.length = 0;
    const again = await restarted();
    await until("The pointer was seen", () => bench.api.watches.size > 0);
    bench.publish({ chat: "two" });
    await until("Following", () => again.models().join() === "two");
    expect(bench.slotsRead()).toEqual([names.slot(home, "B")]);
  });

  it("of another group is left alone", async () => {
    const table = {
      ...tableOf({ chat: "theirs" }),
      group: { namespace: "pub", routerClass: "default" },
    };
    const theirs = copy();
    theirs.keep(encodeTable(table));
    await theirs.settled();
    await bench.start();
    expect(bench.holder.current).toBeUndefined();
    expect(bench.holder.problems).toEqual([]);
  });

  /** A router that comes after one, with the same disk. */
  async function restarted(): Promise<TableBench> {
    const again = TableBench.beside(bench);
    await again.start();
    return again;
  }
});

describe("a router that stops", () => {
  it("loads nothing more, and asks nothing more", async () => {
    bench.publish({ chat: "one" });
    await bench.start({ rereadMs: 10 });
    await serves("one");
    await bench.stop();
    await until("The watch is over", () => bench.api.watches.size === 0);
    bench.api.calls.length = 0;
    bench.publish({ chat: "two" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(bench.api.calls).toEqual([]);
    expect(bench.models()).toEqual(["one"]);
  });

  it("does not wait for an API server that no longer answers", async () => {
    bench.publish({ chat: "one" });
    bench.api.order(silence, isFor(names.slot(home, "A")));
    await bench.start();
    await until("Asking", () => bench.api.left === 0);
    const lines = bench.lines.length;
    await bench.stop();
    expect(bench.holder.current).toBeUndefined();
    expect(bench.told).toEqual([]);
    expect(bench.lines).toHaveLength(lines);
  });
});
