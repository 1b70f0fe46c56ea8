import { holdsLabel, kindNames, type Kind } from "../api/index.ts";
import {
  Reflector,
  resourceTypes,
  Store,
  type Connection,
  type KubeObject,
  type ResourceType,
  type StoreChange,
} from "../kube/index.ts";
import type { Random } from "../lib/index.ts";
import { groupLabels, managedBy } from "../table/index.ts";
import type { WatchedPod } from "./acknowledgements.ts";
import { carryHeld } from "./held-of.ts";
import { leaderLeaseSelector } from "./leader-lease.ts";
import { carryManifest, without } from "./manifest-of.ts";
import {
  isSameContent,
  trimConfigMap,
  trimGroupObject,
  trimHeld,
  trimLease,
  trimPod,
  trimResource,
  type WatchedConfigMap,
} from "./trim.ts";

/** Kinds of the objects that routers need, besides ConfigMaps. */
const groupTypes = [
  resourceTypes.ServiceAccount,
  resourceTypes.Role,
  resourceTypes.RoleBinding,
  resourceTypes.NetworkPolicy,
  resourceTypes.Service,
  resourceTypes.PodDisruptionBudget,
  resourceTypes.Deployment,
  resourceTypes.HorizontalPodAutoscaler,
  resourceTypes.CronJob,
] as const;

interface WatchOptions {
  connection: Connection;
  /** Absent: all. */
  namespace?: string | undefined;
  random: Random;
  onTrouble: (type: ResourceType, error: Error | undefined) => void;
}

/** Told of a namespace in which something changed, and how soon that matters. */
type OnNamespace = (namespace: string, afterMs: number) => void;

/** A change is seldom alone: those that come within this time are worked on together. */
const coalesceMs = 20;

/** Most changed statuses are what the operator wrote itself; a foreign hand in one is mended this late. */
const statusMs = 2_000;

/** The cluster as the operator last saw it. */
export class Watched {
  readonly resources: Readonly<Record<Kind, Store>>;
  readonly pods = new Store<WatchedPod>();
  readonly leases = new Store();
  /** The Leases that operators lead by. */
  readonly leaders = new Store();
  readonly configMaps = new Store<WatchedConfigMap>();
  /** Teams' ConfigMaps that are labelled as plans, abilities, a classifier or a golden set. */
  readonly held = new Store();
  /** By kind. */
  readonly groupObjects: ReadonlyMap<string, Store>;
  readonly #reflectors: { start(): void; stop(): Promise<void>; whenSynced: Promise<void> }[] = [];
  readonly #options: WatchOptions;
  readonly #onNamespace: OnNamespace;

  constructor(options: WatchOptions, onNamespace: OnNamespace) {
    this.#options = options;
    this.#onNamespace = onNamespace;
    this.resources = {
      ModelBackend: this.#watchResource("ModelBackend"),
      ModelRoute: this.#watchResource("ModelRoute"),
      TenantPolicy: this.#watchResource("TenantPolicy"),
    };
    // Each trim makes exactly the kind of object that its store holds.
    this.#watchManaged(resourceTypes.Pod, this.pods as unknown as Store, trimPod);
    this.#watchManaged(resourceTypes.Lease, this.leases, trimLease);
    this.#watchManaged(resourceTypes.ConfigMap, this.configMaps as unknown as Store, trimConfigMap);
    this.#watchHeld();
    this.#reflect(resourceTypes.Lease, this.leaders, {
      trim: (item) => item,
      labelSelector: leaderLeaseSelector,
    });
    this.groupObjects = new Map(
      groupTypes.map((type) => {
        const store = new Store();
        this.#watchManaged(type, store, trimGroupObject);
        return [type.kind, store];
      }),
    );
  }

  start(): void {
    for (const reflector of this.#reflectors) reflector.start();
  }

  /** Resolves once every store has held everything there is. */
  async whenSynced(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.whenSynced));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.stop()));
  }

  /** Those that hold anything of ours. */
  namespaces(): string[] {
    const stores = [...kindNames.map((kind) => this.resources[kind]), this.configMaps];
    return [...new Set(stores.flatMap((store) => store.namespaces()))];
  }

  #watchResource(kind: Kind): Store {
    const store = new Store();
    this.#reflect(resourceTypes[kind], store, { trim: trimResource });
    store.onChange((change) => {
      const { before, after } = change;
      if (before === undefined || after === undefined || !isMereStatus(before, after)) {
        this.#tell(change, coalesceMs);
        return;
      }
      carryManifest(before, after);
      this.#tell(change, statusMs);
    });
    return store;
  }

  #watchHeld(): void {
    this.#reflect(resourceTypes.ConfigMap, this.held, {
      trim: trimHeld,
      labelSelector: holdsLabel,
    });
    this.held.onChange((change) => {
      const { before, after } = change;
      if (before !== undefined && after !== undefined && isSameContent(before, after))
        carryHeld(before, after);
      else this.#tell(change, coalesceMs);
    });
  }

  #watchManaged(type: ResourceType, store: Store, trim: (item: KubeObject) => KubeObject): void {
    this.#reflect(type, store, { trim, labelSelector: `${groupLabels.managedBy}=${managedBy}` });
    store.onChange((change) => {
      const { before, after } = change;
      if (before !== undefined && after !== undefined && isSameContent(before, after)) return;
      this.#tell(change, coalesceMs);
    });
  }

  #reflect(
    type: ResourceType,
    store: Store,
    how: { trim: (item: KubeObject) => KubeObject; labelSelector?: string },
  ): void {
    const { connection, namespace, random, onTrouble } = this.#options;
    const trouble = (error: Error | undefined) => onTrouble(type, error);
    this.#reflectors.push(
      new Reflector({ connection, type, store, namespace, random, onTrouble: trouble, ...how }),
    );
  }

  #tell({ before, after }: StoreChange<KubeObject>, afterMs: number): void {
    const { namespace } = (after ?? before)?.metadata ?? {};
    if (namespace !== undefined) this.#onNamespace(namespace, afterMs);
  }
}

function isMereStatus(before: KubeObject, after: KubeObject): boolean {
  return isSameContent(without(before, "status"), without(after, "status"));
}
