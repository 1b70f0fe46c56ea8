import type { Random } from "../../lib/index.ts";
import type { RouteEntry } from "../../table/index.ts";
import type { HeldBody } from "../held-bytes.ts";
import { Transcript } from "./transcript.ts";

/**
 * Whether a request is drawn for a shadow: by chance alone, before anything of it has been looked at.
 *
 * @returns what is left of the chance, again in [0, 1), to draw a candidate by; undefined where it is not drawn
 */
export function drawShadow({ type, arms }: RouteEntry, random: Random): number | undefined {
  const percent = type === "Chat" ? (arms?.shadowPercent ?? 0) : 0;
  // A route without shadows costs its requests no draw.
  if (percent === 0) return undefined;
  const drawn = random() * 100;
  return drawn < percent ? drawn / percent : undefined;
}

/** What a request that was drawn for a shadow keeps for it. Its bytes are held until it is let go. */
export class DrawnShadow {
  /** In [0, 1): by which another candidate is drawn. */
  readonly which: number;
  readonly #held: HeldBody;
  readonly #hasRoom: (bytes: number) => boolean;
  #bytes = 0;

  /** @param hasRoom whether so much may be held for one shadow, and of them all */
  constructor(which: number, held: HeldBody, hasRoom: (bytes: number) => boolean) {
    this.which = which;
    this.#held = held;
    this.#hasRoom = hasRoom;
  }

  /** Of one of the request's attempts. */
  transcript(): Transcript {
    return new Transcript((bytes) => this.take(bytes));
  }

  take(bytes: number): boolean {
    this.#bytes += bytes;
    this.#held.add(bytes);
    return this.#hasRoom(this.#bytes);
  }

  letGo(): void {
    this.#held.release();
  }
}
