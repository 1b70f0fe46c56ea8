import { keyOf, type KubeObject, type StoreChange } from "../kube/index.ts";
import type { Clock } from "../lib/index.ts";
import { readClaim, type Claim } from "./leader-lease.ts";

/**
 * How long an operator is reckoned with after its Lease was last seen to be renewed, in milliseconds: its
 * next replica takes over well within this, and must not find another's set-up in its namespace.
 */
const handoverMs = 60_000;

interface Options {
  /** `namespace/name` of this operator's own Lease. */
  own: string;
  /** The one namespace that this operator watches; absent: all. */
  watches?: string | undefined;
  clock: Pick<Clock, "elapsed">;
}

/** Who keeps a namespace in this operator's place. */
export interface Keeper {
  /** `namespace/name` of its Lease. */
  lease: string;
  /** It was made for this namespace, while this operator watches all of them: as it should be. */
  isCloser: boolean;
  /** It has renewed its Lease before our eyes. One that was killed has left a Lease as well. */
  isAlive: boolean;
}

interface Seen extends Claim {
  /** By the clock: when its Lease was first seen, or last to be renewed. */
  heldAt: number;
  isAlive: boolean;
}

/**
 * The other operators of this cluster, as far as this one can see them.
 *
 * Two that watch the same namespace would undo each other's work for ever. So one keeps it: the one
 * that watches this namespace alone before one that watches all, else the one whose Lease is older.
 */
export class Neighbours {
  readonly #options: Options;
  readonly #others = new Map<string, Seen>();
  #own: Claim | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** `namespace/name` of this operator's Lease. */
  get own(): string {
    return this.#options.own;
  }

  /** Takes note of a Lease that changed. Whoever deletes one gives its namespaces free at once. */
  see({ before, after }: StoreChange<KubeObject>): void {
    if (after === undefined && before !== undefined) this.#others.delete(keyOf(before));
    const claim = after === undefined ? undefined : readClaim(after);
    if (claim?.key === this.#options.own) this.#own = claim;
    else if (claim?.isHeld === true) this.#others.set(claim.key, this.#seen(claim));
  }

  /** Whatever else changes in a Lease, only who renews it is alive. */
  #seen(claim: Claim): Seen {
    const known = this.#others.get(claim.key);
    if (known?.renewedAt === claim.renewedAt) return { ...known, ...claim };
    return { ...claim, heldAt: this.#options.clock.elapsed(), isAlive: known !== undefined };
  }

  /** Another operator that keeps the namespace; undefined where it is this one's. */
  keeperOf(namespace: string): Keeper | undefined {
    const { watches, clock } = this.#options;
    const now = clock.elapsed();
    for (const claim of this.#others.values()) {
      if (now - claim.heldAt > (claim.isAlive ? handoverMs : claim.durationMs)) continue;
      if (claim.watches !== undefined && claim.watches !== namespace) continue;
      const isCloser = claim.watches !== undefined && watches === undefined;
      if (isCloser || (claim.watches === watches && isOlder(claim, this.#own)))
        return { lease: claim.key, isCloser, isAlive: claim.isAlive };
    }
    return undefined;
  }
}

/** One whose own Lease is not seen yet has only just made it. */
function isOlder(claim: Claim, own: Claim | undefined): boolean {
  if (own === undefined) return true;
  if (claim.createdAt !== own.createdAt) return claim.createdAt < own.createdAt;
  return claim.key < own.key;
}
