import { getHeapStatistics } from "node:v8";
import type { Clock } from "../lib/index.ts";
import { ApiError } from "../openai/index.ts";
import type { HeldBytes } from "./held-bytes.ts";
import type { InFlight } from "./in-flight.ts";
import type { RouterSettings } from "./settings.ts";

/** What there is too much of; a closed set, for metrics. */
export type ShedReason = "requests" | "bodies" | "heap";

/** Of the memory that V8 may have: beyond this it does little else than collect garbage. */
const tightHeap = 0.9;
/** The heap is looked at no more often than this: it does not fill within a few milliseconds. */
const heapLookMs = 100;

/** Of what a router may have of requests and of bodies: beyond this it does nothing that can be left. */
const nearShare = 0.75;

/** A client that comes back at once would be shed again. */
const headers = { "retry-after": "1" };

const messages: Record<ShedReason, string> = {
  requests: "The router has all the requests under way that it may have",
  bodies: "The router holds all the bytes of request bodies that it may hold",
  heap: "The router has hardly any memory left",
};

/**
 * Says when a router has enough to do: a request that is refused before it is read costs next to
 * nothing, one that is taken in and cannot be held costs everybody.
 */
export class LoadShedding {
  readonly #settings: RouterSettings;
  readonly #inFlight: InFlight;
  readonly #held: HeldBytes;
  readonly #clock: Clock;
  readonly #heapShare: () => number;
  #lookedAt = -Infinity;
  #isTight = false;

  constructor(
    { settings, clock }: { settings: RouterSettings; clock: Clock },
    { inFlight, held }: { inFlight: InFlight; held: HeldBytes },
    heapShare: () => number = usedHeapShare,
  ) {
    this.#settings = settings;
    this.#inFlight = inFlight;
    this.#held = held;
    this.#clock = clock;
    this.#heapShare = heapShare;
  }

  /** @param bytes that the request says it will bring, as far as they have not come in */
  reason(bytes: number): ShedReason | undefined {
    const { maxRequests, maxHeldBytes } = this.#settings;
    if (this.#inFlight.count >= maxRequests) return "requests";
    if (this.#held.total + bytes > maxHeldBytes) return "bodies";
    return this.#hasTightHeap() ? "heap" : undefined;
  }

  /** Whether there is so much that it may soon be too much. */
  isNear(): boolean {
    const { maxRequests, maxHeldBytes } = this.#settings;
    if (this.#inFlight.count > maxRequests * nearShare) return true;
    return this.#held.total > maxHeldBytes * nearShare || this.#hasTightHeap();
  }

  #hasTightHeap(): boolean {
    const now = this.#clock.elapsed();
    if (now - this.#lookedAt >= heapLookMs) {
      this.#lookedAt = now;
      this.#isTight = this.#heapShare() > tightHeap;
    }
    return this.#isTight;
  }
}

export function overloaded(reason: ShedReason): ApiError {
  return new ApiError("overloaded", `${messages[reason]}; try again in a moment`, { headers });
}

function usedHeapShare(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used / limit;
}
