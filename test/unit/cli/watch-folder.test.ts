import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ConfigFolder } from "../../../src/cli/config-folder.ts";
import { watchFolder, type FolderWatch } from "../../../src/cli/watch-folder.ts";
import { makeFolder, mountConfigMap, put, putByRename, routeText } from "./folders.ts";

interface Watched {
  folder: string;
  watch: FolderWatch;
  /** The names of the routes after each change, as a router would have loaded them. */
  readings: string[][];
  /** Waits until the routes are these. */
  until: (...names: string[]) => Promise<void>;
}

async function watched(files: Record<string, string>): Promise<Watched> {
  const folder = await makeFolder(files);
  const config = new ConfigFolder(folder);
  const readings: string[][] = [];
  const watch = watchFolder(folder, {
    onChange: async () => {
      const { manifests } = await config.read();
      readings.push(manifests.map(({ metadata }) => metadata.name));
    },
  });
  onTestFinished(async () => watch.close());
  const until = async (...names: string[]) =>
    vi.waitFor(() => expect(readings.at(-1)).toEqual(names), { timeout: 15_000, interval: 10 });
  await until(...(await config.read()).manifests.map(({ metadata }) => metadata.name));
  return { folder, watch, readings, until };
}

describe("watching a folder", () => {
  it.each<[string, (folder: string) => Promise<void>, string[]]>([
    [
      "an edit by truncating and writing",
      async (folder) => put(folder, "a.yaml", routeText("new")),
      ["new", "two"],
    ],
    [
      "an edit by renaming",
      async (folder) => putByRename(folder, "a.yaml", routeText("new")),
      ["new", "two"],
    ],
    [
      "a new file",
      async (folder) => put(folder, "c.yaml", routeText("three")),
      ["one", "two", "three"],
    ],
    [
      "a new file in a new folder",
      async (folder) => put(folder, "deep/c.yaml", routeText("three")),
      ["one", "two", "three"],
    ],
    ["a deleted file", async (folder) => rm(join(folder, "a.yaml")), ["two"]],
    [
      "an edit of the same length",
      async (folder) => put(folder, "a.yaml", routeText("eno")),
      ["eno", "two"],
    ],
  ])("tells of %s", async (_what, edit, expected) => {
    const { folder, until } = await watched({
      "a.yaml": routeText("one"),
      "b.yaml": routeText("two"),
    });
    await edit(folder);
    await until(...expected);
  });

  it("tells of every edit of many, the last at the latest", async () => {
    const { folder, until } = await watched({ "a.yaml": routeText("one") });
    for (let number = 0; number < 30; number += 1) {
      const edit = number % 2 === 0 ? put : putByRename;
      await edit(folder, "a.yaml", routeText(`edit-${number}`));
    }
    await until("edit-29");
  });

  it("loses no route while a file is empty or half written", async () => {
    const { folder, readings, until } = await watched({
      "a.yaml": routeText("one"),
      "b.yaml": routeText("two"),
    });
    const file = await open(join(folder, "a.yaml"), "w");
    // The watcher has seen the empty file, and more, before it is written.
    await put(folder, "b.yaml", routeText("other"));
    await until("one", "other");
    await file.writeFile(routeText("new"));
    await file.close();
    await until("new", "other");
    expect(readings.every((names) => names.length === 2)).toBe(true);
  });

  it("follows a mounted ConfigMap when it is swapped", async () => {
    const { folder, until } = await watched({ "z.yaml": routeText("own") });
    await mountConfigMap(folder, "1", { "a.yaml": routeText("one") });
    await until("one", "own");
    await mountConfigMap(folder, "2", { "a.yaml": routeText("two") });
    await until("two", "own");
  });

  it("tells once before any edit, for what was written since somebody read the folder", async () => {
    const { readings } = await watched({ "a.yaml": routeText("one") });
    expect(readings).toEqual([["one"]]);
  });

  it("goes on when the folder has vanished and come back", async () => {
    const { folder, until } = await watched({ "a.yaml": routeText("one") });
    await rm(folder, { recursive: true });
    await put(folder, "a.yaml", routeText("back"));
    await until("back");
  });

  it("tells of looks that find everything as it was, without an edit", async () => {
    const folder = await makeFolder({ "a.yaml": routeText("one") });
    const [onChange, onSame] = [vi.fn(async () => undefined), vi.fn()];
    const watch = watchFolder(folder, { onChange, onSame });
    onTestFinished(async () => watch.close());
    await vi.waitFor(() => expect(onSame.mock.calls.length).toBeGreaterThan(1), {
      timeout: 15_000,
    });
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it("calls one at a time, and not any more once it is closed", async () => {
    const folder = await makeFolder({ "a.yaml": routeText("one") });
    let running = 0;
    let most = 0;
    let calls = 0;
    const onChange = async (): Promise<void> => {
      calls += 1;
      running += 1;
      most = Math.max(most, running);
      await put(folder, "a.yaml", routeText(`edit-${calls}`));
      running -= 1;
    };
    const watch = watchFolder(folder, { onChange });
    await vi.waitFor(() => expect(calls).toBeGreaterThan(3), { timeout: 15_000 });
    await watch.close();
    const seen = calls;
    expect(running).toBe(0);
    expect(most).toBe(1);
    await put(folder, "a.yaml", routeText("late"));
    await watch.close();
    expect(calls).toBe(seen);
  });
});
