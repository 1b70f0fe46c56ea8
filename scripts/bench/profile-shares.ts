// Where the time of a CPU profile went, in the names of the sources rather than the bundle's.
import { readdir, readFile } from "node:fs/promises";
import { SourceMap, type SourceMapPayload, type SourceMapping } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What `node --cpu-prof` writes: microseconds between samples, each of them at a node. */
export interface CpuProfile {
  nodes: readonly ProfileNode[];
  samples: readonly number[];
  timeDeltas: readonly number[];
}

interface ProfileNode {
  id: number;
  callFrame: CallFrame;
  children?: readonly number[];
}

interface CallFrame {
  functionName: string;
  url: string;
  /** From 0. */
  lineNumber: number;
  columnNumber: number;
}

export interface Share {
  /** Of the time in which the process was not idle. */
  share: number;
  /** A function with its file and line, or a file's package, or a room. */
  name: string;
}

/** How a frame's file is called, with its line; without a file, what the engine says that it did. */
export type Locate = (frame: CallFrame) => { file: string; line: number };

interface Shares {
  functions: readonly Share[];
  /** Functions of ours, with all that they call. */
  withCalls: readonly Share[];
  /** Rooms, packages and parts of Node. */
  places: readonly Share[];
}

/** Largest shares first. */
export function sharesOf(profile: CpuProfile, locate: Locate): Shares {
  const functions = new Map<string, number>();
  const withCalls = new Map<string, number>();
  const places = new Map<string, number>();
  const micros = selfTimes(profile);
  const callers = callersOf(profile, locate);
  for (const { id, callFrame } of profile.nodes) {
    const time = micros.get(id) ?? 0;
    if (time === 0 || callFrame.functionName === "(idle)") continue;
    const { file } = locate(callFrame);
    add(functions, nameOf(callFrame, locate), time);
    add(places, file === "" ? callFrame.functionName || "(anonymous)" : placeOf(file), time);
    for (const name of callers(id)) add(withCalls, name, time);
  }
  const all = [...functions.values()].reduce((sum, time) => sum + time, 0);
  return {
    functions: ranked(functions, all),
    withCalls: ranked(withCalls, all),
    places: ranked(places, all),
  };
}

function nameOf(frame: CallFrame, locate: Locate): string {
  const { file, line } = locate(frame);
  const name = frame.functionName || "(anonymous)";
  return file === "" ? name : `${name}  ${file}:${line}`;
}

/** Those of ours on the way to a node, itself included, each once however often it calls itself. */
function callersOf({ nodes }: CpuProfile, locate: Locate): (id: number) => ReadonlySet<string> {
  const ways = new Map<number, ReadonlySet<string>>();
  const parents = new Map<number, number>();
  // A node stands before those that it calls.
  for (const { id, callFrame, children = [] } of nodes) {
    for (const child of children) parents.set(child, id);
    const above = ways.get(parents.get(id) ?? 0) ?? new Set();
    const ours = locate(callFrame).file.startsWith("src/");
    ways.set(id, ours ? new Set([...above, nameOf(callFrame, locate)]) : above);
  }
  return (id) => ways.get(id) ?? new Set();
}

/**
 * A sample that comes late was taken where the process had lost its core to another: what passed
 * meanwhile was not its doing.
 */
const longestInMedians = 2;

function selfTimes({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const micros = new Map<number, number>();
  const sorted = timeDeltas.toSorted((left, right) => left - right);
  const most = longestInMedians * (sorted[Math.floor(sorted.length / 2)] ?? 0);
  // A delta is the time since the sample before.
  for (const [index, id] of samples.entries()) {
    const delta = Math.min(most, Math.max(0, timeDeltas[index + 1] ?? 0));
    micros.set(id, (micros.get(id) ?? 0) + delta);
  }
  return micros;
}

function add(sums: Map<string, number>, name: string, time: number): void {
  sums.set(name, (sums.get(name) ?? 0) + time);
}

function ranked(sums: ReadonlyMap<string, number>, all: number): Share[] {
  return [...sums]
    .map(([name, time]) => ({ name, share: time / all }))
    .toSorted((left, right) => right.share - left.share);
}

function placeOf(file: string): string {
  if (file.startsWith("node:")) return file.split("/")[0] ?? file;
  const [first = "", second = ""] = file.split("/");
  return first === "src" || first.startsWith("@") ? `${first}/${second}` : first;
}

/** Through the source maps of the program's parts; `src/…` for ours, the path below node_modules for packages. */
export async function locateThrough(program: string): Promise<Locate> {
  const maps = await sourceMaps(dirname(program));
  return ({ url, lineNumber, columnNumber }) => {
    const map = url.startsWith("file:") ? maps.get(fileURLToPath(url)) : undefined;
    // What the bundler itself wrote has no source, whatever the types say.
    const { originalSource, originalLine = 0 }: Partial<SourceMapping> =
      map?.findEntry(lineNumber, columnNumber) ?? {};
    return originalSource === undefined
      ? { file: url === "" ? "" : shortName(url), line: lineNumber + 1 }
      : { file: shortName(originalSource), line: originalLine + 1 };
  };
}

/** By the file of each part. */
async function sourceMaps(folder: string): Promise<ReadonlyMap<string, SourceMap>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".mjs.map"));
  const maps = names.map(async (name) => {
    const text = await readFile(join(folder, name), "utf8");
    const map = new SourceMap(JSON.parse(text) as SourceMapPayload);
    return [join(folder, name.replace(/\.map$/, "")), map] as const;
  });
  return new Map(await Promise.all(maps));
}

function shortName(path: string): string {
  const inPackage = path.lastIndexOf("node_modules/");
  if (inPackage >= 0) return path.slice(inPackage + "node_modules/".length);
  return /(?:^|\/)(src\/.*)$/.exec(path)?.[1] ?? path;
}
