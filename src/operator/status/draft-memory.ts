import type { Finding } from "../../api/index.ts";
import type { KubeObject } from "../../kube/index.ts";
import type { Standing } from "./standing.ts";

/** What a status is drafted from, besides the resource and its status so far. */
interface Grounds {
  findings: readonly Finding[];
  standings: readonly Standing[];
}

/**
 * On which grounds each resource's status was last drafted. On the same grounds the same would come of
 * it: of 2,000 resources one edit has few drafted. An object that changes in the cluster, be it its
 * status alone, is another object here.
 */
export class DraftMemory {
  readonly #last = new WeakMap<KubeObject, Grounds>();

  /** Whether a status is to be drafted; it is taken to be done. */
  isNews(object: KubeObject, grounds: Grounds): boolean {
    const last = this.#last.get(object);
    if (last !== undefined && areSame(last, grounds)) return false;
    this.#last.set(object, grounds);
    return true;
  }
}

const areSame = (left: Grounds, right: Grounds): boolean =>
  areAlike(left.findings, right.findings, isSameFinding) &&
  areAlike(left.standings, right.standings, isSameStanding);

function areAlike<Item>(
  left: readonly Item[],
  right: readonly Item[],
  isSame: (left: Item, right: Item) => boolean,
): boolean {
  return (
    left.length === right.length &&
    left.every((item, index) => {
      const other = right[index];
      return other !== undefined && (item === other || isSame(item, other));
    })
  );
}

const isSameFinding = (left: Finding, right: Finding): boolean =>
  left.severity === right.severity &&
  left.reason === right.reason &&
  left.path === right.path &&
  left.message === right.message;

const isSameStanding = (left: Standing, right: Standing): boolean =>
  left.routerClass === right.routerClass &&
  left.isPublished === right.isPublished &&
  left.isPending === right.isPending &&
  areSameCounts(left, right) &&
  isSameTrouble(left.trouble, right.trouble) &&
  areAlike(left.refusals, right.refusals, (one, other) => one === other);

const areSameCounts = (left: Standing, right: Standing): boolean =>
  left.ready === right.ready &&
  left.programmed === right.programmed &&
  left.serving === right.serving;

const isSameTrouble = (left: Standing["trouble"], right: Standing["trouble"]): boolean =>
  left?.reason === right?.reason && left?.message === right?.message;
