import { watch, type FSWatcher } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { stampOf } from "./config-folder.ts";

/** Between an editor's truncating a file and writing it lies a moment in which it reads as empty. */
const settleMs = 40;

/** An empty file may be on its way to being written, for this long at most. */
const emptyMs = 1_000;

/** Where the system gives no events (network mounts, too many watches), edits are still seen this soon. */
const pollMs = 1_000;

export interface FolderWatch {
  close(): void;
}

/**
 * Calls `onChange` after every edit, once the files have come to rest, one call at a time. Edits
 * during a call lead to another.
 */
export function watchFolder(folder: string, onChange: () => Promise<void>): FolderWatch {
  const closing = new AbortController();
  let wake: () => void = () => undefined;
  const watcher = openWatcher(folder, () => wake());
  const loop = async () => {
    let seen = await settled(folder);
    while (!closing.signal.aborted) {
      await Promise.race([
        new Promise<void>((resolve) => (wake = resolve)),
        pause(pollMs, undefined, { ref: false, signal: closing.signal }).catch(() => undefined),
      ]);
      const now = await settled(folder);
      if (closing.signal.aborted || now === seen) continue;
      seen = now;
      await onChange();
    }
  };
  void loop();
  return {
    close: () => {
      closing.abort();
      watcher?.close();
    },
  };
}

function openWatcher(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { recursive: true, persistent: false }, onEvent);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

/** Waits until two looks in a row see the same; a folder that never rests is read as it is after a while. */
async function settled(folder: string): Promise<string> {
  const start = performance.now();
  let last = await stampOrNothing(folder);
  for (;;) {
    await pause(settleMs, undefined, { ref: false });
    const now = await stampOrNothing(folder);
    const waited = performance.now() - start;
    if (now === last && (!holdsEmptyFile(now) || waited > emptyMs)) return now;
    if (waited > 2 * emptyMs) return now;
    last = now;
  }
}

const stampOrNothing = (folder: string): Promise<string> => stampOf(folder).catch(() => "");

const holdsEmptyFile = (stamp: string): boolean =>
  stamp.split("\n").some((line) => line.includes(":0:"));
