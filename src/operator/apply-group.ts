import {
  applyObject,
  deleteObject,
  getObject,
  KubeError,
  type Connection,
  type KubeObject,
} from "../kube/index.ts";
import { err, ok, type Result } from "../lib/index.ts";
import { groupLabels, managedBy } from "../table/index.ts";
import { problemOf, type ApplyProblem, type Deed } from "./apply-problem.ts";
import { desiredObjects } from "./desired.ts";
import { firstDifference } from "./diff.ts";
import { fieldManager, type GroupContext } from "./group.ts";
import { keepReplicas } from "./keep-replicas.ts";
import { isOurs, nameOf, typeOf, uidOf } from "./object-identity.ts";
import { obsoleteObjects } from "./obsolete-objects.ts";
import { buildAnchor } from "./specs/anchor.ts";

interface Cluster {
  connection: Connection;
  /**
   * What is known to be there, with its managed fields. It may hold more than the group's objects;
   * what it lacks is looked up before it is made.
   */
  observed: readonly KubeObject[];
}

export interface GroupOutcome {
  /** What was not as desired, and is now. */
  applied: { object: string; difference: string }[];
  deleted: string[];
  problems: ApplyProblem[];
}

/**
 * Makes the group's anchor, unless it is there as desired.
 *
 * @returns its uid, by which every other object of the group names it as the owner
 */
export async function applyAnchor(
  group: Pick<GroupContext, "namespace" | "routerClass">,
  cluster: Cluster,
): Promise<Result<string, ApplyProblem>> {
  const desired = buildAnchor(group);
  const object = nameOf(desired);
  return attempt(object, "apply", async () => {
    const observed = await lookUp(desired, cluster);
    if (observed?.metadata.deletionTimestamp !== undefined) return err(anchorGoes(object));
    const difference = differenceTo(desired, observed);
    if (observed !== undefined && difference === undefined) return ok(uidOf(observed));
    if (observed !== undefined && !isOurs(observed)) return err(taken(object));
    return ok(uidOf(await apply(desired, cluster.connection)));
  });
}

/**
 * Applies what is not as desired, then deletes what is desired no longer. One that fails does not keep
 * the others from being tried, unless nobody answers.
 */
export async function applyGroup(
  group: GroupContext & { anchorUid: string },
  cluster: Cluster,
): Promise<GroupOutcome> {
  const desired = desiredObjects(group);
  const obsolete = obsoleteObjects(group, desired, cluster.observed);
  const outcome: GroupOutcome = { applied: [], deleted: [], problems: [] };
  for (const step of [
    ...desired.map((item) => () => applyOne(item, cluster, outcome)),
    ...obsolete.map((item) => () => deleteOne(item, cluster, outcome)),
  ]) {
    const done = await step();
    if (!done.ok) outcome.problems.push(done.error);
    if (!done.ok && done.error.code === "Unreachable") break;
  }
  return outcome;
}

type Done = Result<undefined, ApplyProblem>;

function applyOne(desired: KubeObject, cluster: Cluster, { applied }: GroupOutcome): Promise<Done> {
  const object = nameOf(desired);
  return attempt(object, "apply", async () => {
    const observed = await lookUp(desired, cluster);
    if (observed !== undefined && !mayTakeOver(observed)) return err(taken(object));
    const difference = differenceTo(desired, observed);
    if (difference === undefined) return ok(undefined);
    if (observed !== undefined) await keepReplicas(desired, observed, cluster.connection);
    await apply(desired, cluster.connection);
    applied.push({ object, difference });
    return ok(undefined);
  });
}

function deleteOne(item: KubeObject, cluster: Cluster, { deleted }: GroupOutcome): Promise<Done> {
  const object = nameOf(item);
  const { name, namespace } = item.metadata;
  return attempt(object, "delete", async () => {
    await deleteObject(cluster.connection, typeOf(item), { name, namespace, uid: uidOf(item) });
    deleted.push(object);
    return ok(undefined);
  });
}

const differenceTo = (desired: KubeObject, observed: KubeObject | undefined): string | undefined =>
  observed === undefined ? "it is absent" : firstDifference(desired, observed);

const apply = (item: KubeObject, connection: Connection): Promise<KubeObject> =>
  applyObject(item, { connection, type: typeOf(item), fieldManager, force: true });

/** An apply makes what is absent and takes over what is there: whose it is, must be known before. */
async function lookUp(
  desired: KubeObject,
  { connection, observed }: Cluster,
): Promise<KubeObject | undefined> {
  const name = nameOf(desired);
  const known = observed.find((item) => nameOf(item) === name);
  if (known !== undefined) return known;
  const where = { namespace: desired.metadata.namespace, name: desired.metadata.name };
  try {
    return await getObject(connection, typeOf(desired), where);
  } catch (error) {
    if (error instanceof KubeError && error.code === "NotFound") return undefined;
    throw error;
  }
}

/** A refusal of the API server is an answer; a fault of ours is thrown on. */
async function attempt<Value>(
  object: string,
  deed: Deed,
  act: () => Promise<Result<Value, ApplyProblem>>,
): Promise<Result<Value, ApplyProblem>> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof KubeError) return err(problemOf(object, deed, error));
    throw error;
  }
}

// A team may have made the ServiceAccount first, to give it a cloud role before there are routers.
const mayTakeOver = (item: KubeObject): boolean => item.kind === "ServiceAccount" || isOurs(item);

const taken = (object: string): ApplyProblem => ({
  object,
  code: "Taken",
  message:
    `${object} is there already and was not made by Switchyard: delete or rename it, or choose another ` +
    `routerClass. What Switchyard makes is labelled ${groupLabels.managedBy}=${managedBy}`,
  permanent: true,
});

const anchorGoes = (object: string): ApplyProblem => ({
  object,
  code: "Terminating",
  message: `${object} is being deleted, and all of its group with it: the operator makes it again afterwards`,
  permanent: false,
});
