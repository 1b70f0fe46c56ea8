import { watch, type FSWatcher } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { stampOf } from "./list-files.ts";

/** Files that look the same for so long are taken for written. */
const settleMs = 40;

/** A folder that never comes to rest is read as it is after this time. */
const restlessMs = 500;

/** Where the system gives no events (network mounts, too many watches), edits are still seen this soon. */
const pollMs = 1_000;

interface Looks {
  /**
   * The files are others than at the last look; this was first seen at `seenAt`, in milliseconds since the
   * Unix epoch. Must not reject.
   */
  onChange: (seenAt: number) => Promise<void>;
  /** They are the same. */
  onSame?: () => void;
}

export interface FolderWatch {
  /** Resolves once no call is under way and none will come. */
  close(): Promise<void>;
}

/**
 * Calls `onChange` after every edit, once the files have come to rest, one call at a time. Edits
 * during a call lead to another. The first call comes without any edit: whoever has read the folder
 * before cannot know of what was written since.
 */
export function watchFolder(folder: string, { onChange, onSame }: Looks): FolderWatch {
  const closing = new AbortController();
  const bell = makeBell(closing.signal);
  const watcher = openWatcher(folder, bell.ring);
  const loop = async () => {
    let seen: string | undefined;
    while (!closing.signal.aborted) {
      const seenAt = Date.now();
      const now = await settled(folder, closing.signal);
      if (closing.signal.aborted) return;
      if (now === seen) onSame?.();
      else {
        seen = now;
        await onChange(seenAt);
      }
      await bell.rung();
    }
  };
  const ended = loop();
  return {
    close: async () => {
      closing.abort();
      watcher?.close();
      await ended;
    },
  };
}

/** Remembers a ring that nobody was waiting for; rings by itself after `pollMs`. */
function makeBell(closing: AbortSignal): { ring: () => void; rung: () => Promise<void> } {
  let rang = false;
  let wake: () => void = () => undefined;
  const ring = () => {
    rang = true;
    wake();
  };
  const rung = async () => {
    if (!rang && !closing.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(ring, pollMs).unref();
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    rang = false;
  };
  closing.addEventListener("abort", ring, { once: true });
  return { ring, rung };
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

/** Waits until two looks in a row see the same. */
async function settled(folder: string, closing: AbortSignal): Promise<string> {
  const start = performance.now();
  let last = await stampOf(folder);
  for (;;) {
    await pause(settleMs, undefined, { ref: false, signal: closing }).catch(() => undefined);
    const now = await stampOf(folder);
    if (now === last || closing.aborted || performance.now() - start > restlessMs) return now;
    last = now;
  }
}
