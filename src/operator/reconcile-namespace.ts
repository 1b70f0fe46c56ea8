import type { Finding, Manifest } from "../api/index.ts";
import { compile, groupsOf, type Group } from "../compile/index.ts";
import { deleteObject, resourceTypes, type EventNews, type KubeObject } from "../kube/index.ts";
import { err, ok, type Clock } from "../lib/index.ts";
import { failedProblem, type ApplyProblem } from "./apply-problem.ts";
import { clearDriftStatuses } from "./clear-drift.ts";
import { askForDefinitions, createdAt, type DefinitionsStand } from "./definitions.ts";
import { gather, type Gathered, type Inputs } from "./gather.ts";
import type { GroupReport } from "./group-report.ts";
import { ManagedGroup, regardingOf, type GroupResult, type GroupTools } from "./managed-group.ts";
import { draftStatuses } from "./namespace-statuses.ts";
import { observeGroup } from "./observed-group.ts";
import type { OperatorConfig } from "./operator-config.ts";
import { DraftMemory } from "./status/draft-memory.ts";
import { withFailure } from "./status/failed-status.ts";
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

/** Statuses say so where a group could not be looked after for this long. */
const hiccupMs = 20_000;

/** Something that a person would have to mend is tried as seldom as this. */
const permanentMs = 60_000;

/** What came of the groups of one namespace. */
interface Round {
  reports: GroupReport[];
  /** Classes whose group could not be looked after. */
  failed: Set<string>;
  again: AgainMs;
  isWithheld: boolean;
  /** To be thrown at the end, so that the namespace is tried again. */
  failure?: Error;
}

/** Brings one namespace after another to where its resources say: all that the leader knows is here. */
export class NamespaceReconciler {
  readonly #options: Options;
  readonly #groups = new Map<string, ManagedGroup>();
  /** The problems of each group that people were told of. */
  readonly #told = new Map<string, string>();
  /** Groups that could not be looked after the last time, and since when by the clock's `elapsed`. */
  readonly #failing = new Map<string, number>();
  readonly #memory = new DraftMemory();

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * Gathers, and for each group compiles, publishes and applies; then drafts every status.
   *
   * A group that fails keeps no other from its table or its routes' statuses: what it threw is thrown at
   * the end, after an Event and a condition of its routes have told of it.
   *
   * @throws where the cluster cannot be read: that group published nothing; and where something could not
   *   be written that is better tried again soon
   */
  async reconcile(namespace: string): Promise<AgainMs> {
    const { watched, config, connection, clock } = this.#options;
    const inputs = gather(watched, namespace, config.classes);
    const definitionsStand = askForDefinitions(connection, clock);
    const round = await this.#reconcileGroups(inputs, definitionsStand);
    if (round.isWithheld) round.again = this.#withheld(namespace);
    else this.#draft(inputs, round);
    // Last, so that what cannot be deleted holds up no table.
    const again = sooner(round.again, await this.#retire(inputs, definitionsStand));
    await clearDriftStatuses(inputs, this.#options);
    if (round.failure !== undefined) throw round.failure;
    return again;
  }

  async #reconcileGroups(inputs: Inputs, definitionsStand: DefinitionsStand): Promise<Round> {
    this.#forgetGone(inputs);
    const round: Round = { reports: [], failed: new Set(), again: undefined, isWithheld: false };
    for (const group of inputs.groups) {
      const config = this.#options.config.classes[group.routerClass];
      if (config === undefined) continue;
      const observed = observeGroup(this.#options.watched, group);
      const managed = this.#groupOf(group);
      const { manifests, configMaps } = inputs;
      const work = { manifests, configMaps, config, observed, definitionsStand };
      const outcome = await managed
        .reconcile(work)
        .then(ok, (error: unknown) => err(asError(error)));
      const problems = outcome.ok ? outcome.value.problems : [failedProblem(group, outcome.error)];
      const held = outcome.ok ? heldProblems(outcome.value, inputs) : [];
      this.#tell(group, [...problems, ...held], () =>
        regardingOf(observed, routesOf(inputs, group)),
      );
      this.#countFailing(group, outcome.ok);
      if (outcome.ok) takeResult(round, outcome.value);
      else {
        round.failed.add(group.routerClass);
        round.failure ??= outcome.error;
      }
    }
    return round;
  }

  /** Forgets what is known of a namespace that another operator changes from now on. */
  letGo(namespace: string): void {
    this.#forgetAllBut(namespace, []);
  }

  /** A group without routes and anchor is gone: of one that is made under its name nothing is known. */
  #forgetGone({ namespace, groups, abandoned }: Inputs): void {
    const classes = [...groups, ...abandoned].map(({ routerClass }) => routerClass);
    this.#forgetAllBut(namespace, classes);
  }

  #forgetAllBut(namespace: string, classes: readonly string[]): void {
    const kept = new Set(classes.map((routerClass) => groupKey({ namespace, routerClass })));
    for (const key of [...this.#groups.keys(), ...this.#told.keys(), ...this.#failing.keys()])
      if (key.startsWith(`${namespace}/`) && !kept.has(key)) this.#forget(key);
  }

  #forget(key: string): void {
    this.#groups.delete(key);
    this.#told.delete(key);
    this.#failing.delete(key);
    this.#options.metrics.groupsFailing(this.#failing.size);
  }

  #countFailing(group: Group, isWell: boolean): void {
    if (isWell) this.#failing.delete(groupKey(group));
    else if (!this.#failing.has(groupKey(group)))
      this.#failing.set(groupKey(group), this.#options.clock.elapsed());
    this.#options.metrics.groupsFailing(this.#failing.size);
  }

  #withheld(namespace: string): AgainMs {
    const message =
      "Withholding tables: resources are gone, and a definition of their kinds is gone, going or only just back";
    this.#options.log.warn(message, { namespace });
    return againMs;
  }

  /** Of a group that failed nothing is known, nor so of backends and tenants, which it may have as well. */
  #draft(inputs: Inputs, { reports, failed }: Round): void {
    const { statuses, clock } = this.#options;
    const isKnown = ({ manifest }: Gathered): boolean =>
      failed.size === 0 || (manifest.kind === "ModelRoute" && !failed.has(classOf(manifest)));
    const now = clock.now();
    const drafts = draftStatuses({
      inputs: { ...inputs, resources: inputs.resources.filter(isKnown) },
      reports,
      findings: reports.length + failed.size === 0 ? findingsWithoutGroup(inputs) : [],
      previous: ({ object }) => statuses.known(object),
      now,
      memory: this.#memory,
    });
    for (const { resource, status } of drafts) statuses.offer(resource.object, status);
    for (const routerClass of failed) this.#draftFailed(inputs, { routerClass, now });
  }

  /** A hiccup of the API server is not worth two writes for each of a group's routes. */
  #draftFailed(inputs: Inputs, { routerClass, now }: { routerClass: string; now: number }): void {
    const { statuses, clock } = this.#options;
    const since = this.#failing.get(groupKey({ namespace: inputs.namespace, routerClass }));
    if (since === undefined || clock.elapsed() - since < hiccupMs) return;
    for (const object of routesOf(inputs, { routerClass })) {
      const { generation = 0 } = object.metadata;
      statuses.offer(object, withFailure({ generation, previous: statuses.known(object), now }));
    }
  }

  /** Lets go of groups whose last route is gone. */
  async #retire(inputs: Inputs, definitionsStand: DefinitionsStand): Promise<AgainMs> {
    const { connection, log } = this.#options;
    const { namespace } = inputs;
    for (const { routerClass, anchor } of inputs.abandoned) {
      if (!(await definitionsStand(createdAt(anchor)))) return this.#withheld(namespace);
      const { name, uid = "" } = anchor.metadata;
      await deleteObject(connection, resourceTypes.ConfigMap, { namespace, name, uid });
      this.#forget(`${namespace}/${routerClass}`);
      log.info("Deleting a group whose last route is gone", { namespace, name: routerClass });
    }
    return undefined;
  }

  #groupOf(group: Group): ManagedGroup {
    const key = groupKey(group);
    const managed = this.#groups.get(key) ?? new ManagedGroup(group, this.#options);
    this.#groups.set(key, managed);
    return managed;
  }

  /** Each problem once, when it appears; a problem that stays is no news. */
  #tell(
    group: Group,
    problems: readonly ApplyProblem[],
    regarding: () => KubeObject | undefined,
  ): void {
    const { onNews, log } = this.#options;
    const text = problems.map(({ message }) => message).join("\n");
    const before = this.#told.get(groupKey(group)) ?? "";
    this.#told.set(groupKey(group), text);
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

/** What is wrong with ConfigMaps, which have no status that could tell. */
function heldProblems({ report }: GroupResult, { strays }: Inputs): ApplyProblem[] {
  const found = (report?.findings ?? []).filter(({ ref }) => ref.kind === "ConfigMap");
  return [...strays, ...found].map(({ ref, path, message }) => ({
    object: `ConfigMap ${ref.namespace}/${ref.name}`,
    code: "Invalid",
    message: `ConfigMap ${ref.name}: ${path === undefined || path === "" ? "" : `${path}: `}${message}`,
    permanent: true,
  }));
}

function takeResult(round: Round, { report, problems, isWithheld, failure }: GroupResult): void {
  round.again = sooner(round.again, againAfter(problems));
  if (failure !== undefined) round.failure ??= failure;
  if (report !== undefined) round.reports.push(report);
  else round.isWithheld ||= isWithheld;
}

const classOf = (manifest: Manifest): string => groupsOf([manifest])[0]?.routerClass ?? "";

const routesOf = (
  { resources }: Inputs,
  { routerClass }: Pick<Group, "routerClass">,
): KubeObject[] =>
  resources
    .filter(({ manifest }) => manifest.kind === "ModelRoute" && classOf(manifest) === routerClass)
    .map(({ object }) => object);

const groupKey = ({ namespace, routerClass }: Group): string => `${namespace}/${routerClass}`;

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));

/** Backends and tenants are judged even where no route makes a group of them. */
function findingsWithoutGroup({ namespace, manifests }: Inputs): Finding[] {
  // What a class permits is for the groups of that class to tell.
  const settings = { endpointHosts: ["*"], allowLoopbackEndpoints: true, roleArns: [] };
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
