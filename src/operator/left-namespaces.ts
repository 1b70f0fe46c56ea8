import { kindNames } from "../api/index.ts";
import type { EventNews } from "../kube/index.ts";
import type { Log, OperatorMetrics } from "../telemetry/index.ts";
import type { Keeper, Neighbours } from "./neighbours.ts";
import type { Watched } from "./watched.ts";

interface Options {
  neighbours: Neighbours;
  watched: Pick<Watched, "resources">;
  log: Log;
  metrics: OperatorMetrics;
  onNews: (news: EventNews) => void;
}

/** One that may be dead, with nothing left but its Lease, is not spoken of. */
const isNews = (keeper: Keeper, before: Keeper | undefined): boolean =>
  keeper.isAlive && !(before?.isAlive === true && before.lease === keeper.lease);

/** Leaves namespaces to the operators that keep them, and tells of it once. */
export class LeftNamespaces {
  readonly #options: Options;
  readonly #keepers = new Map<string, Keeper>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Whether nothing is to be done in the namespace, because another operator does it. */
  has(namespace: string): boolean {
    const { neighbours, metrics, log } = this.#options;
    const keeper = neighbours.keeperOf(namespace);
    const before = this.#keepers.get(namespace);
    if (keeper === undefined) this.#keepers.delete(namespace);
    else this.#keepers.set(namespace, keeper);
    metrics.namespacesLeft(this.#keepers.size);
    if (keeper !== undefined && isNews(keeper, before)) this.#tell(namespace, keeper);
    if (keeper === undefined && before?.isAlive === true)
      log.info("Taking over a namespace from an operator that is gone", {
        namespace,
        name: before.lease,
      });
    return keeper !== undefined;
  }

  #tell(namespace: string, { lease, isCloser }: Keeper): void {
    const { log, onNews, watched, neighbours } = this.#options;
    const fields = { namespace, name: lease };
    if (isCloser) return log.info("Leaving a namespace to the operator of its own", fields);
    log.warn("Leaving a namespace to an older operator that watches it as well", fields);
    const [regarding] = kindNames.flatMap((kind) => watched.resources[kind].inNamespace(namespace));
    if (regarding === undefined) return;
    const note = `Two operators watch namespace ${namespace}. The one that leads by Lease ${lease} is older and keeps it; the one of Lease ${neighbours.own} does nothing here. Uninstall one of them, or give each a watchNamespace of its own.`;
    return onNews({ regarding, type: "Warning", reason: "TwoOperators", action: "Leading", note });
  }
}
