// A group's own classifier model on its way from the cluster into a router.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { TableCopy } from "../../../src/cli/table-copy.ts";
import { modelFile } from "../../support/model-file.ts";
import { names, placeOfMap, TableBench, until } from "./table-bench.ts";

const [one, two] = [modelFile(1), modelFile(2)];

let bench: TableBench;

beforeEach(async () => {
  bench = await TableBench.open();
});

afterEach(() => bench.close());

const own = () => bench.holder.current?.classifiers.own?.digest;
const judges = (digest: string | undefined) =>
  until(`Judging by ${digest}`, () => bench.holder.current !== undefined && own() === digest);
const modelsRead = () => bench.api.calls.filter(({ path }) => path.includes("-model-")).length;

it("is loaded with the table and swapped with it", async () => {
  bench.publish({ chat: "one" }, one);
  await bench.start();
  await judges(one.digest);
  bench.publish({ chat: "one" }, two);
  await judges(two.digest);
  bench.publish({ chat: "one" });
  await judges(undefined);
});

it("is fetched once, however often the table changes", async () => {
  bench.publish({ chat: "one" }, one);
  await bench.start();
  await judges(one.digest);
  bench.publish({ chat: "two" }, one);
  await until("Serving two", () => bench.models().join() === "two");
  expect(own()).toBe(one.digest);
  expect(modelsRead()).toBe(1);
});

it.each<[string, () => void, RegExp]>([
  ["another model", () => bench.writeSlot(names.model("B"), gzipSync(one.bytes)), /has the digest/],
  ["no model", () => bench.writeSlot(names.model("B"), gzipSync("none")), /no classifier model/],
  ["no gzip", () => bench.writeSlot(names.model("B"), Buffer.from("none")), /model-b: /],
  ["nothing", () => bench.api.state.put(placeOfMap(names.model("B")), { data: {} }), /is missing/],
])(
  "is refused with its table where the slot holds %s, and the old ones stay",
  async (_, damage, why) => {
    const { digest } = bench.publish({ chat: "one" }, one);
    await bench.start();
    await judges(one.digest);
    bench.publish({ chat: "two" }, two, damage);
    await until("A refusal", () => bench.told.at(-1)?.error !== undefined);
    expect(bench.told.at(-1)).toEqual({ digest, error: expect.stringMatching(why) });
    expect(own()).toBe(one.digest);
    bench.writeSlot(names.model("B"), gzipSync(two.bytes));
    await judges(two.digest);
    await until("The error is gone", () => bench.told.at(-1)?.error === undefined);
  },
);

it("is in the copy on the pod's own disk, and serves while the API server is away", async () => {
  bench.publish({ chat: "one" }, one);
  await bench.start();
  await judges(one.digest);
  const copy = new TableCopy(bench.folder, () => undefined);
  await expect.poll(async () => (await copy.read())?.model?.length).toBe(one.bytes.length);
  const beside = bench.holder.load((await copy.read())!);
  expect(beside.ok).toBe(true);
});
