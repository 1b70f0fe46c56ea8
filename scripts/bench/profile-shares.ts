// Where the time of a CPU profile went, in the names of the sources rather than the bundle's.
import { readFile } from "node:fs/promises";
import { SourceMap, type SourceMapPayload } from "node:module";
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
  /** Rooms, packages and parts of Node. */
  places: readonly Share[];
}

/** Largest shares first. */
export function sharesOf(profile: CpuProfile, locate: Locate): Shares {
  const functions = new Map<string, number>();
  const places = new Map<string, number>();
  const micros = selfTimes(profile);
  for (const { id, callFrame } of profile.nodes) {
    const time = micros.get(id) ?? 0;
    if (time === 0 || callFrame.functionName === "(idle)") continue;
    const { file, line } = locate(callFrame);
    const name = callFrame.functionName || "(anonymous)";
    add(functions, file === "" ? name : `${name}  ${file}:${line}`, time);
    add(places, file === "" ? name : placeOf(file), time);
  }
  return { functions: ranked(functions), places: ranked(places) };
}

function selfTimes({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const micros = new Map<number, number>();
  // A delta is the time since the sample before.
  for (const [index, id] of samples.entries()) {
    micros.set(id, (micros.get(id) ?? 0) + Math.max(0, timeDeltas[index + 1] ?? 0));
  }
  return micros;
}

function add(sums: Map<string, number>, name: string, time: number): void {
  sums.set(name, (sums.get(name) ?? 0) + time);
}

function ranked(sums: ReadonlyMap<string, number>): Share[] {
  const all = [...sums.values()].reduce((sum, time) => sum + time, 0);
  return [...sums]
    .map(([name, time]) => ({ name, share: time / all }))
    .toSorted((left, right) => right.share - left.share);
}

function placeOf(file: string): string {
  if (file.startsWith("node:")) return file.split("/")[0] ?? file;
  const [first = "", second = ""] = file.split("/");
  return first === "src" || first.startsWith("@") ? `${first}/${second}` : first;
}

/** Through the bundle's source map; `src/…` for ours, the path below node_modules for packages. */
export async function locateThrough(bundle: string): Promise<Locate> {
  const text = await readFile(`${bundle.replace(/\.mjs$/, ".js")}.map`, "utf8");
  const map = new SourceMap(JSON.parse(text) as SourceMapPayload);
  return ({ url, lineNumber, columnNumber }) => {
    if (url.startsWith("file:") && fileURLToPath(url) === bundle) {
      const entry = map.findEntry(lineNumber, columnNumber);
      if ("originalSource" in entry)
        return { file: shortName(entry.originalSource), line: entry.originalLine + 1 };
    }
    return { file: url === "" ? "" : shortName(url), line: lineNumber + 1 };
  };
}

function shortName(path: string): string {
  const inPackage = path.lastIndexOf("node_modules/");
  if (inPackage >= 0) return path.slice(inPackage + "node_modules/".length);
  return /(?:^|\/)(src\/.*)$/.exec(path)?.[1] ?? path;
}
