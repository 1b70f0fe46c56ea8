import type { ConfigMapManifest, Finding, Manifest } from "../api/index.ts";
import type { Group } from "../compile/index.ts";
import { KubeError, type Connection, type KubeObject } from "../kube/index.ts";
import type { Clock } from "../lib/index.ts";
import { shortDigest, type RoutingTable } from "../table/index.ts";
import type { Log, OperatorMetrics } from "../telemetry/index.ts";
import { routersOf } from "./acknowledgements.ts";
import { applyAnchor, applyGroup } from "./apply-group.ts";
import { publishingProblem, tableProblem, type ApplyProblem } from "./apply-problem.ts";
import { ClusterPublication } from "./cluster-publication.ts";
import { GroupCompiler, tooLargeFindings, type CompiledGroup } from "./compiled-group.ts";
import { createdAt, type DefinitionsStand } from "./definitions.ts";
import { driftWatchOf } from "./drift-watch.ts";
import type { GroupContext } from "./group.ts";
import type { GroupReport } from "./group-report.ts";
import type { ObservedGroup } from "./observed-group.ts";
import type { ClassConfig } from "./operator-config.ts";
import type { ModelReader } from "./models.ts";
import { mendPublication } from "./mend-publication.ts";
import { PublishedGroup } from "./published-group.ts";
import type { Standing } from "./status/standing.ts";

export interface GroupTools {
  connection: Connection;
  log: Log;
  metrics: OperatorMetrics;
  operator: GroupContext["operator"];
  clock: Pick<Clock, "now">;
  models: ModelReader;
}

export interface GroupWork {
  manifests: readonly Manifest[];
  configMaps: readonly ConfigMapManifest[];
  config: ClassConfig;
  observed: ObservedGroup;
  definitionsStand: DefinitionsStand;
}

export interface GroupResult {
  /** Absent where nothing may be said of the group's resources. */
  report?: GroupReport;
  /** What went wrong, for an Event; waiting may mend it unless it is permanent. */
  problems: readonly ApplyProblem[];
  /** Publishing is held back until the definitions of our kinds are there again. */
  isWithheld: boolean;
  /** Why the whole is to be tried again soon. */
  failure?: Error;
}

interface Publishing {
  problems: ApplyProblem[];
  findings: Finding[];
  isWithheld: boolean;
  failure?: Error;
}

/** One group, as this operator keeps it since it began to lead. */
export class ManagedGroup {
  readonly #group: Group;
  readonly #tools: GroupTools;
  readonly #store: ClusterPublication;
  readonly #published: PublishedGroup;
  readonly #compiler: GroupCompiler;

  constructor(group: Group, tools: GroupTools) {
    this.#group = group;
    this.#tools = tools;
    this.#store = new ClusterPublication(tools.connection, group);
    this.#published = new PublishedGroup(this.#store, tools.models);
    this.#compiler = new GroupCompiler(tools.models);
  }

  /**
   * Compiles the group, publishes its table, and applies what its routers need, in this order: a new
   * table must not wait for a Deployment.
   *
   * @throws where the cluster cannot be read, or what was to be written is not known to be written
   */
  async reconcile(work: GroupWork): Promise<GroupResult> {
    const { routerClass } = this.#group;
    const damage = await this.#published.open(routerClass);
    const problems = damage === undefined ? [] : [this.#damaged(damage)];
    const compiled = this.#compiler.compile({
      group: this.#group,
      manifests: work.manifests,
      configMaps: work.configMaps,
      settings: work.config,
      published: this.#published.table,
      kept: this.#published.model,
      now: this.#tools.clock.now(),
    });
    const context = {
      ...this.#group,
      config: work.config,
      operator: this.#tools.operator,
      drift: driftWatchOf(work.manifests, this.#group, work.config),
    };
    const cluster = { connection: this.#tools.connection, observed: work.observed.objects() };
    const anchor = await applyAnchor(context, cluster);
    if (!anchor.ok) {
      const result = this.#result({ work, compiled, problems: [...problems, anchor.error] });
      return isWorthRetrying(anchor.error)
        ? { ...result, failure: new Error(anchor.error.message) }
        : result;
    }
    this.#store.anchorUid = anchor.value;
    const published = await this.#publish(compiled, work, anchor.value);
    if (published.isWithheld) return { problems, isWithheld: true };
    const outcome = await applyGroup({ ...context, anchorUid: anchor.value }, cluster);
    for (const { object, difference } of outcome.applied)
      this.#tools.log.info("Applying an object", { name: object, reason: difference });
    for (const object of outcome.deleted)
      this.#tools.log.info("Deleting an object that is not wanted any more", { name: object });
    const result = this.#result({
      work,
      compiled,
      problems: [...problems, ...published.problems, ...outcome.problems],
      findings: published.findings,
      publishing: published.problems[0],
    });
    return published.failure === undefined ? result : { ...result, failure: published.failure };
  }

  async #publish(
    compiled: CompiledGroup,
    { definitionsStand, observed }: GroupWork,
    anchorUid: string,
  ): Promise<Publishing> {
    const quiet: Publishing = { problems: [], findings: [], isWithheld: false };
    const { metrics } = this.#tools;
    try {
      const since = createdAt(observed.anchor);
      const outcome = await this.#published.publish(compiled, () => definitionsStand(since));
      if (outcome.state === "Withheld") return { ...quiet, isWithheld: true };
      if (outcome.state === "Published") {
        metrics.tablePublished();
        const digest = shortDigest(outcome.digest);
        this.#log("Publishing a table", { digest, count: outcome.slots });
        return quiet;
      }
      await this.#mend(anchorUid, observed);
      if (outcome.state === "Unchanged") return quiet;
      const findings = tooLargeFindings(compiled.table, outcome.buckets);
      const why = outcome.buckets.map(({ message }) => message).join("; ");
      const problem = tableProblem(this.#group, { code: "Invalid", message: why, permanent: true });
      return { ...quiet, findings, problems: [problem] };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      const problem = publishingProblem(this.#group, error);
      const failure = isWorthRetrying(problem) ? { failure: error } : {};
      return { ...quiet, problems: [problem], ...failure };
    }
  }

  async #mend(anchorUid: string, observed: ObservedGroup): Promise<void> {
    const { pointer, table, model } = this.#published;
    if (pointer === undefined || table === undefined) return;
    const mended = await mendPublication({
      pointer,
      table,
      model,
      anchorUid,
      store: this.#store,
      observed: (name) => observed.configMap(name),
    });
    if (mended.length > 0)
      this.#log("Mending a published table", { count: mended.length, reason: mended.join(", ") });
  }

  #result(input: {
    work: GroupWork;
    compiled: CompiledGroup;
    problems: readonly ApplyProblem[];
    findings?: readonly Finding[];
    publishing?: ApplyProblem | undefined;
  }): GroupResult {
    const { work, compiled, problems, findings = [], publishing } = input;
    const trouble = troubleOf(publishing, problems);
    const report: GroupReport = {
      group: this.#group,
      findings: [...compiled.findings, ...findings],
      compiled: compiled.table,
      published: this.#publishedFormOf(compiled),
      history: this.#published.history,
      routers: routersOf(work.observed.pods, work.observed.leases),
      ...(trouble === undefined ? {} : { trouble }),
    };
    return { report, problems, isWithheld: false };
  }

  /** Equal tables are one and the same to whoever looks for differences. */
  #publishedFormOf({ table, encoded }: CompiledGroup): RoutingTable | undefined {
    const { pointer } = this.#published;
    if (pointer === undefined) return undefined;
    return pointer.digest === encoded.pointer.digest ? table : this.#published.table;
  }

  #damaged(why: string): ApplyProblem {
    const object = `Table of ${this.#group.namespace}/${this.#group.routerClass}`;
    const message = `What was published cannot be read (${why}): the table is made anew from the resources, and routers keep theirs until it is there. Resources that are not accepted, and were served in an earlier form, may have lost it`;
    return { object, code: "Malformed", message, permanent: false };
  }

  #log(message: string, fields: Parameters<Log["info"]>[1]): void {
    const { namespace, routerClass } = this.#group;
    this.#tools.log.info(message, { namespace, name: routerClass, ...fields });
  }
}

/** What is on its way out is seen to be gone: until then every attempt ends alike. */
const isWorthRetrying = ({ permanent, code }: ApplyProblem): boolean =>
  !permanent && code !== "Terminating";

function troubleOf(
  publishing: ApplyProblem | undefined,
  problems: readonly ApplyProblem[],
): Standing["trouble"] {
  if (publishing !== undefined)
    return { reason: "NotPublished", message: sentence(publishing.message) };
  const [problem] = problems.filter(({ code }) => code !== "Malformed");
  return problem === undefined
    ? undefined
    : { reason: "ApplyFailed", message: sentence(problem.message) };
}

const sentence = (text: string): string => (/[.?!…]$/.test(text) ? text : `${text}.`);

/** What an Event about a group is about: its anchor, or where that cannot be made one of its routes. */
export function regardingOf(
  observed: ObservedGroup,
  routes: readonly KubeObject[],
): KubeObject | undefined {
  return observed.anchor ?? routes[0];
}
