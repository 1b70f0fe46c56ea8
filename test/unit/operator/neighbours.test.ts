import { beforeEach, describe, expect, test } from "vitest";
import type { KubeObject } from "../../../src/kube/index.ts";
import { leaderLeaseOf } from "../../../src/operator/leader-lease.ts";
import { Neighbours } from "../../../src/operator/neighbours.ts";

let now = 0;
const clock = { elapsed: () => now };

beforeEach(() => {
  now = 0;
});

interface Other {
  /** The namespace that it watches; absent: all. */
  watches?: string;
  lies?: string;
  name?: string;
  createdAt?: string;
  holder?: string;
  renewed?: string;
  owned?: boolean;
}

/** The Lease of an operator, as its leader writes it. */
function leaseOf(other: Other): KubeObject {
  const { watches, lies = "elsewhere", name = "other", holder = "other-0" } = other;
  const { namespace, mark } = leaderLeaseOf({ namespace: watches, leaseName: name }, lies);
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name,
      namespace,
      ...mark,
      creationTimestamp: other.createdAt ?? "2026-01-02T00:00:00Z",
      ...(other.owned === true && {
        ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid: "1" }],
      }),
    },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: 15,
      renewTime: other.renewed ?? "2026-01-02T00:00:00.000000Z",
    },
  };
}

const see = (neighbours: Neighbours, lease: KubeObject) =>
  neighbours.see({ before: undefined, after: lease });

/** This operator, with its Lease as old as 2 January. */
function ours(watches?: string): Neighbours {
  const own = `${watches ?? "system"}/own`;
  const neighbours = new Neighbours({ own, watches, clock });
  see(neighbours, leaseOf({ ...(watches && { watches }), lies: "system", name: "own" }));
  return neighbours;
}

const older = "2026-01-01T00:00:00Z";
const younger = "2026-01-03T00:00:00Z";

describe("a namespace that this operator watches", () => {
  test.each<[string, string | undefined, Other, boolean]>([
    ["is left to an older operator of it", "shop", { watches: "shop", createdAt: older }, true],
    ["is kept before a younger one", "shop", { watches: "shop", createdAt: younger }, false],
    [
      "goes by the Lease's name where both are of one age",
      "shop",
      { watches: "shop", name: "pz" },
      false,
    ],
    ["and to the first of the two", "shop", { watches: "shop", name: "first" }, true],
    ["is left to its own operator by one of all", undefined, { watches: "shop" }, true],
    ["however young that is", undefined, { watches: "shop", createdAt: younger }, true],
    ["is no matter of one that watches all", "shop", { createdAt: older }, false],
    ["is left to an older one of all by one of all", undefined, { createdAt: older }, true],
    ["is kept before a younger one of all", undefined, { createdAt: younger }, false],
    ["is no matter of one that watches another", undefined, { watches: "other" }, false],
    [
      "is not left to one that nobody runs",
      "shop",
      { watches: "shop", createdAt: older, holder: "" },
      false,
    ],
    [
      "is not given away by a router's Lease, which is its pod's",
      "shop",
      { watches: "shop", createdAt: older, owned: true },
      false,
    ],
  ])("%s", (_, watches, other, isLeft) => {
    const neighbours = ours(watches);
    see(neighbours, leaseOf(other));
    expect(neighbours.keeperOf("shop") !== undefined).toBe(isLeft);
  });

  test("cannot be claimed from another namespace", () => {
    const neighbours = ours();
    const stray = leaseOf({ watches: "shop", createdAt: older });
    see(neighbours, { ...stray, metadata: { ...stray.metadata, namespace: "elsewhere" } });
    expect(neighbours.keeperOf("shop")).toBeUndefined();
  });

  test("is left to whoever was there while this operator's own Lease is not seen yet", () => {
    const neighbours = new Neighbours({ own: "shop/own", watches: "shop", clock });
    see(neighbours, leaseOf({ watches: "shop", createdAt: younger }));
    expect(neighbours.keeperOf("shop")).toEqual({
      lease: "shop/other",
      isCloser: false,
      isAlive: false,
    });
  });

  test("is taken over a minute after the other was last seen to lead, and not while its replicas change", () => {
    const neighbours = ours("shop");
    const other = { watches: "shop", createdAt: older };
    see(neighbours, leaseOf({ ...other, renewed: "before" }));
    see(neighbours, leaseOf(other));
    expect(neighbours.keeperOf("shop")).toMatchObject({ isAlive: true });
    now = 59_000;
    see(neighbours, leaseOf({ ...other, holder: "", renewed: "when it was given up" }));
    expect(neighbours.keeperOf("shop")).toBeDefined();
    see(neighbours, leaseOf({ ...other, holder: "other-1", renewed: "then" }));
    now = 119_000;
    expect(neighbours.keeperOf("shop")).toBeDefined();
    now = 119_001;
    expect(neighbours.keeperOf("shop")).toBeUndefined();
  });

  test("is taken over from one that never renews its Lease when that has run out, whatever else becomes of it", () => {
    const neighbours = ours("shop");
    const killed = { watches: "shop", createdAt: older, renewed: "long ago" };
    see(neighbours, leaseOf(killed));
    now = 14_000;
    // It is listed anew, or somebody labels it.
    see(neighbours, leaseOf(killed));
    now = 15_000;
    expect(neighbours.keeperOf("shop")).toMatchObject({ isAlive: false });
    now = 15_001;
    expect(neighbours.keeperOf("shop")).toBeUndefined();
    see(neighbours, leaseOf(killed));
    expect(neighbours.keeperOf("shop")).toBeUndefined();
    // It was not dead after all.
    see(neighbours, leaseOf({ ...killed, renewed: "now" }));
    expect(neighbours.keeperOf("shop")).toMatchObject({ isAlive: true });
  });

  test("is taken over at once where somebody deletes the other's Lease", () => {
    const neighbours = ours("shop");
    const lease = leaseOf({ watches: "shop", createdAt: older });
    see(neighbours, lease);
    neighbours.see({ before: lease, after: undefined });
    expect(neighbours.keeperOf("shop")).toBeUndefined();
  });
});
