import {
  Reflector,
  resourceTypes,
  Store,
  type KubeObject,
  type ResourceType,
} from "../../../../src/kube/index.ts";
import {
  acknowledgementAnnotations,
  groupLabels,
  managedBy,
  publicationKeys,
  publicationNames,
} from "../../../../src/table/index.ts";
import type { OperatorBench } from "../operator-bench.ts";

const longestWaitMs = 60_000;

/** Watches a group's pointer and its routers' Leases, and so learns of each change as it comes. */
export class Observer {
  readonly #pointers = new Store();
  readonly #leases = new Store();
  readonly #reflectors: Reflector[];
  readonly #waiting = new Set<() => void>();

  constructor(bench: OperatorBench) {
    const { pointer } = publicationNames("default");
    this.#reflectors = [
      reflect(bench, resourceTypes.ConfigMap, this.#pointers, {
        fieldSelector: `metadata.name=${pointer}`,
      }),
      reflect(bench, resourceTypes.Lease, this.#leases, {
        labelSelector: `${groupLabels.managedBy}=${managedBy}`,
      }),
    ];
    for (const store of [this.#pointers, this.#leases]) {
      store.onChange(() => {
        for (const look of this.#waiting) look();
      });
    }
  }

  async start(): Promise<void> {
    for (const reflector of this.#reflectors) reflector.start();
    await Promise.all(this.#reflectors.map(({ whenSynced }) => whenSynced));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.stop()));
  }

  /** Of the table that the pointer names; undefined where there is none. */
  get digest(): string | undefined {
    const [pointer] = this.#pointers.all();
    const { data = {} } = (pointer ?? {}) as { data?: Record<string, string> };
    const text = data[publicationKeys.pointer];
    return text === undefined ? undefined : (JSON.parse(text) as { digest: string }).digest;
  }

  /** Resolves when the pointer names another table than this, with the digest of that. */
  async whenPublishedAfter(digest: string | undefined): Promise<string> {
    await this.#becomesTrue(() => this.digest !== digest && this.digest !== undefined);
    return this.digest ?? "";
  }

  /** Resolves when as many routers acknowledge a table. */
  async whenAcknowledged(digest: string, routers: number): Promise<void> {
    const { digest: annotation } = acknowledgementAnnotations;
    await this.#becomesTrue(() => {
      const leases = [...this.#leases.all()];
      return (
        leases.filter(({ metadata }) => metadata.annotations?.[annotation] === digest).length ===
        routers
      );
    });
  }

  /** @throws where it has not become true within a minute */
  async #becomesTrue(holds: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error("Waited a minute in vain")), longestWaitMs);
    const look = () => {
      if (holds()) resolve();
    };
    this.#waiting.add(look);
    look();
    await promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(look);
    });
  }
}

function reflect(
  bench: OperatorBench,
  type: ResourceType,
  store: Store,
  scope: { fieldSelector?: string; labelSelector?: string },
): Reflector {
  const { namespace } = bench;
  const connection = bench.connect();
  return new Reflector<KubeObject>({
    connection,
    type,
    store,
    namespace,
    random: Math.random,
    ...scope,
  });
}
