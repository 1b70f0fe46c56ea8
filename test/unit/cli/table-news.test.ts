// What a router knows of how fresh its table is: when its source last said that it is the published one,
// and how long ago it was published.
import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConfigFolder } from "../../../src/cli/config-folder.ts";
import { FolderTables } from "../../../src/cli/folder-tables.ts";
import { TableHolder } from "../../../src/router/index.ts";
import type { TableLoaded } from "../../../src/telemetry/index.ts";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { standingClock } from "../routing/sample-entries.ts";
import { makeFolder, put } from "./folders.ts";
import { names, placeOfMap, TableBench, until } from "./table-bench.ts";

/** Confirmed after now: by an answer to something that was asked after it. */
async function confirmedAnew(bench: TableBench): Promise<void> {
  const since = performance.now();
  await until("A confirmation", () => (bench.confirmedAt ?? 0) > since);
}

describe("the table of a cluster", () => {
  let bench: TableBench;
  const rereads = () =>
    bench.api.calls.filter(({ path }) => path.endsWith(`/${names.pointer}`)).length;
  const serves = (model: string) => until(model, () => bench.models().join() === model);

  /** Waits until the pointer has been asked for twice more. */
  async function askedTwice(): Promise<void> {
    const before = rereads();
    await until("Asking", () => rereads() > before + 1);
  }

  beforeEach(async () => {
    bench = await TableBench.open();
  });

  afterEach(async () => bench.close());

  it("is confirmed with every answer of the API server, though nothing changes", async () => {
    bench.publish({ chat: "one" });
    await bench.start({ rereadMs: 20 });
    await serves("one");
    for (let times = 0; times < 3; times += 1) await confirmedAnew(bench);
    expect(bench.loads).toHaveLength(1);
  });

  it("is unconfirmed while the API server is away, and confirmed when it is back", async () => {
    bench.publish({ chat: "one" });
    await bench.start({ rereadMs: 20 });
    await confirmedAnew(bench);
    await bench.api.close();
    const troubles = () => bench.lines.filter((line) => line.startsWith("Watching")).length;
    await until("Trouble", () => troubles() > 0);
    const { confirmedAt } = bench;
    await until("More of it", () => troubles() > 2);
    expect(bench.confirmedAt).toBe(confirmedAt);
    await bench.api.listen();
    await confirmedAnew(bench);
  });

  it.each<[string, () => void]>([
    ["another that cannot be served", () => bench.writePointerText("{}")],
    ["none any more", () => void bench.api.state.delete(placeOfMap(names.pointer))],
  ])("is unconfirmed where what is published is %s", async (_, damage) => {
    bench.publish({ chat: "one" });
    await bench.start({ rereadMs: 20 });
    await confirmedAnew(bench);
    damage();
    await askedTwice();
    const { confirmedAt } = bench;
    await askedTwice();
    expect(bench.confirmedAt).toBe(confirmedAt);
    expect(bench.models()).toEqual(["one"]);
  });

  it.each([
    ["by what its pointer says", "1970-01-01T00:00:01.000Z", 0],
    ["not by what is no time", "yesterday", null],
    ["not where its pointer says nothing", undefined, null],
  ])("tells how long it was on its way %s", async (_, publishedAt, expected) => {
    bench.publish({ chat: "one" });
    await bench.start();
    await serves("one");
    bench.publishedAt = publishedAt;
    bench.publish({ chat: "two" });
    await serves("two");
    expect(bench.loads.map(({ propagationMs }) => propagationMs)).toEqual([null, expected]);
  });
});

describe("the table of a folder", () => {
  const resources = (route: string): string =>
    [backendOf("lite"), routeOf(route, ["lite"])]
      .map((each) => JSON.stringify(each))
      .join("\n---\n");

  async function folderTables() {
    const folder = await makeFolder({ "a.yaml": resources("one") });
    const loads: TableLoaded[] = [];
    const confirmed = vi.fn();
    const clock = standingClock();
    const holder = new TableHolder(clock, {
      tableLoaded: (table) => void loads.push(table),
      tableConfirmed: confirmed,
      tableRefused: () => undefined,
    });
    const group = { namespace: "default", routerClass: "default" };
    const settings = { endpointHosts: ["*"], allowLoopbackEndpoints: true, roleArns: ["*"] };
    const tables = new FolderTables({ folder: new ConfigFolder(folder), group, settings }, holder);
    return { folder, tables, loads, confirmed, clock };
  }

  it("is confirmed by each look that finds the folder as it was", async () => {
    const { tables, confirmed } = await folderTables();
    tables.confirm();
    expect(confirmed).not.toHaveBeenCalled();
    await tables.refresh();
    expect(confirmed).toHaveBeenCalledTimes(1);
    tables.confirm();
    expect(confirmed).toHaveBeenCalledTimes(2);
  });

  it("is unconfirmed while the folder cannot be read", async () => {
    const { folder, tables, confirmed } = await folderTables();
    await tables.refresh();
    await rm(folder, { recursive: true });
    await tables.refresh();
    tables.confirm();
    expect(confirmed).toHaveBeenCalledTimes(1);
    await put(folder, "a.yaml", resources("one"));
    await tables.refresh();
    expect(confirmed).toHaveBeenCalledTimes(2);
  });

  it("tells how long an edit was on its way from the look that saw it", async () => {
    const { folder, tables, loads, clock } = await folderTables();
    await tables.refresh();
    const seenAt = clock.now();
    clock.advance(70);
    await put(folder, "a.yaml", resources("two"));
    await tables.refresh(seenAt);
    expect(loads.map(({ propagationMs }) => propagationMs)).toEqual([null, 70]);
  });
});
