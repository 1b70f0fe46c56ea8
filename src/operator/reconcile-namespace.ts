import type { Finding } from "../api/index.ts";
import { compile } from "../compile/index.ts";
import { deleteObject, resourceTypes, type EventNews, type KubeObject } from "../kube/index.ts";
import type { Clock } from "../lib/index.ts";
import type { ApplyProblem } from "./apply-problem.ts";
import { askForDefinitions, createdAt, type DefinitionsStand } from "./definitions.ts";
import { gather, type Inputs } from "./gather.ts";
import type { GroupReport } from "./group-report.ts";
import { ManagedGroup, regardingOf, type GroupTools } from "./managed-group.ts";
import { draftStatuses } from "./namespace-statuses.ts";
import { observeGroup } from "./observed-group.ts";
import type { OperatorConfig } from "./operator-config.ts";
import { DraftMemory } from "./status/draft-memory.ts";
import type { StatusWriter } from "./status-writer.ts";
import type { Watched } from "./watched.ts";

interface Options extends GroupTools {
  config: OperatorConfig;
  watched: Watched;
  statuses: StatusWriter;
  clock: Clock;
  onNews: (news: EventNews) => void;
}

/** How soon a namespace is to be looked at again though nothing in it changed; undefined: not at all. */
export type AgainMs = number | undefined;

/** While definitions are missing, and where waiting may mend what could not be applied. */
const againMs = 15_000;

/** Something that a person would have to mend is tried as seldom as this. */
const permanentMs = 60_000;

/** Brings one namespace after another to where its resources say: all that the leader knows is here. */
export class NamespaceReconciler {
  readonly #options: Options;
  readonly #groups = new Map<string, ManagedGroup>();
  /** The problems of each group that people were told of. */
  readonly #told = new Map<string, string>();
  readonly #memory = new DraftMemory();

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * Gathers, and for each group compiles, publishes and applies; then drafts every status.
   *
   * A group that fails keeps no other from its table: what it threw is thrown at the end.
   *
   * @throws where the cluster cannot be read: that group published nothing, and no status was drafted;
   *   and where something could not be written that is better tried again soon
   */
  async reconcile(namespace: string): Promise<AgainMs> {
    const { watched, config, connection, clock } = this.#options;
    const inputs = gather(watched, namespace, config.classes);
    const definitionsStand = askForDefinitions(connection, clock);
    const reports: GroupReport[] = [];
    let again: AgainMs;
    let isWithheld = false;
    let isUnread = false;
    let failure: Error | undefined;
    for (const group of inputs.groups) {
      const settings = config.classes[group.routerClass];
      if (settings === undefined) continue;
      const observed = observeGroup(watched, group);
      const managed = this.#groupOf(namespace, group.routerClass);
      const work = { manifests: inputs.manifests, config: settings, observed, definitionsStand };
      const result = await managed.reconcile(work).catch((error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error));
      });
      if (result === undefined) {
        isUnread = true;
        continue;
      }
      this.#tell(`${namespace}/${group.routerClass}`, result.problems, () =>
        regardingOf(observed, watched.resources.ModelRoute.inNamespace(namespace)),
      );
      again = sooner(again, againAfter(result.problems));
      failure ??= result.failure;
      if (result.report === undefined) isWithheld ||= result.isWithheld;
      else reports.push(result.report);
    }
    if (isWithheld) again = this.#withheld(namespace);
    else if (!isUnread) this.#draft(inputs, reports);
    // Last, so that what cannot be deleted holds up no table.
    again = sooner(again, await this.#retire(inputs, definitionsStand));
    if (failure !== undefined) throw failure;
    return again;
  }

  #withheld(namespace: string): AgainMs {
    const message =
      "Withholding tables: resources are gone, and a definition of their kinds is gone, going or only just back";
    this.#options.log.warn(message, { namespace });
    return againMs;
  }

  #draft(inputs: Inputs, reports: readonly GroupReport[]): void {
    const { statuses, clock } = this.#options;
    const drafts = draftStatuses({
      inputs,
      reports,
      findings: reports.length === 0 ? findingsWithoutGroup(inputs) : [],
      previous: ({ object }) => statuses.known(object),
      now: clock.now(),
      memory: this.#memory,
    });
    for (const { resource, status } of drafts) statuses.offer(resource.object, status);
  }

  /** Lets go of groups whose last route is gone. */
  async #retire(inputs: Inputs, definitionsStand: DefinitionsStand): Promise<AgainMs> {
    const { connection, log } = this.#options;
    const { namespace } = inputs;
    for (const { routerClass, anchor } of inputs.abandoned) {
      if (!(await definitionsStand(createdAt(anchor)))) return this.#withheld(namespace);
      const { name, uid = "" } = anchor.metadata;
      await deleteObject(connection, resourceTypes.ConfigMap, { namespace, name, uid });
      this.#groups.delete(`${namespace}/${routerClass}`);
      this.#told.delete(`${namespace}/${routerClass}`);
      log.info("Deleting a group whose last route is gone", { namespace, name: routerClass });
    }
    return undefined;
  }

  #groupOf(namespace: string, routerClass: string): ManagedGroup {
    const key = `${namespace}/${routerClass}`;
    const group =
      this.#groups.get(key) ?? new ManagedGroup({ namespace, routerClass }, this.#options);
    this.#groups.set(key, group);
    return group;
  }

  /** Each problem once, when it appears; a problem that stays is no news. */
  #tell(
    group: string,
    problems: readonly ApplyProblem[],
    regarding: () => KubeObject | undefined,
  ): void {
    const { onNews, log } = this.#options;
    const text = problems.map(({ message }) => message).join("\n");
    const before = this.#told.get(group) ?? "";
    this.#told.set(group, text);
    if (text === before) return;
    const about = regarding();
    for (const { object, message, code } of problems) {
      if (before.split("\n").includes(message)) continue;
      log.warn("Keeping a group failed in part", { name: object, reason: code, error: message });
      if (about === undefined) continue;
      onNews({
        regarding: about,
        type: "Warning",
        reason: code,
        action: "Applying",
        note: message,
      });
    }
  }
}

/** Backends and tenants are judged even where no route makes a group of them. */
function findingsWithoutGroup({ namespace, manifests }: Inputs): Finding[] {
  const settings = { endpointHosts: [], allowLoopbackEndpoints: false, roleArns: [] };
  const group = { namespace, routerClass: "default" };
  const judged = manifests.filter(({ kind }) => kind !== "ModelRoute");
  return compile({ group, manifests: judged, settings }).findings.filter(
    // That a policy selects none of no routes is nothing to be told.
    ({ reason }) => reason !== "NothingSelected",
  );
}

function againAfter(problems: readonly ApplyProblem[]): AgainMs {
  if (problems.length === 0) return undefined;
  return problems.some(({ permanent }) => !permanent) ? againMs : permanentMs;
}

function sooner(left: AgainMs, right: AgainMs): AgainMs {
  if (left === undefined || right === undefined) return left ?? right;
  return Math.min(left, right);
}
