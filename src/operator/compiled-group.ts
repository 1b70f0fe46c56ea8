import type { Finding, Manifest } from "../api/index.ts";
import { compile, type Group } from "../compile/index.ts";
import { canonicalText } from "../lib/index.ts";
import {
  bucketOf,
  encodeTable,
  entryKinds,
  type EncodedTable,
  type EntryKind,
  type RoutingTable,
  type TableError,
} from "../table/index.ts";
import type { ClassConfig } from "./operator-config.ts";

export interface CompiledGroup {
  table: RoutingTable;
  findings: readonly Finding[];
  encoded: EncodedTable;
}

interface CompileInputs {
  group: Group;
  manifests: readonly Manifest[];
  settings: ClassConfig;
  published: RoutingTable | undefined;
  /** Milliseconds since the epoch. It does not make the inputs others: findings on keys' dates are as old as they. */
  now?: number;
}

/** Compiles a group, and gives the last result again where nothing that goes into it is another. */
export class GroupCompiler {
  #last: { inputs: CompileInputs; compiled: CompiledGroup } | undefined;

  compile(inputs: CompileInputs): CompiledGroup {
    if (this.#last !== undefined && areSame(this.#last.inputs, inputs)) return this.#last.compiled;
    const { group, manifests, settings, published, now } = inputs;
    const { table, findings } = compile({
      group,
      manifests,
      settings,
      ...(now === undefined ? {} : { now }),
      ...(published === undefined ? {} : { published }),
    });
    const compiled = { table, findings, encoded: encodeTable(table, this.#last?.compiled.encoded) };
    this.#last = { inputs, compiled };
    return compiled;
  }
}

/** Manifests are replaced and never changed, so that it is enough to see that they are the same. */
function areSame(left: CompileInputs, right: CompileInputs): boolean {
  return (
    left.published === right.published &&
    left.settings === right.settings &&
    left.manifests.length === right.manifests.length &&
    left.manifests.every((manifest, index) => manifest === right.manifests[index])
  );
}

const largestTold = 3;

const kindOf = {
  backends: "ModelBackend",
  // A plan is told of on its route.
  plans: "ModelRoute",
  routes: "ModelRoute",
  tenants: "TenantPolicy",
} as const satisfies Record<EntryKind, Finding["ref"]["kind"]>;

const described = {
  backends: "ModelBackend",
  plans: "The plan",
  routes: "ModelRoute",
  tenants: "TenantPolicy",
} as const satisfies Record<EntryKind, string>;

const resourceOf = (kind: EntryKind, name: string): string =>
  kind === "plans" ? name.replace(/\/.*/, "") : name;

/** Names the resources that fill a bucket which no slot can hold. */
export function tooLargeFindings(table: RoutingTable, buckets: readonly TableError[]): Finding[] {
  return buckets.flatMap(({ bucket, message }) =>
    entriesOf(table, bucket)
      .toSorted((left, right) => right.bytes - left.bytes)
      .slice(0, largestTold)
      .map(({ kind, name, bytes }) => ({
        severity: "Error" as const,
        reason: "TableTooLarge" as const,
        ref: { kind: kindOf[kind], namespace: table.group.namespace, name: resourceOf(kind, name) },
        message: `${message}, so the table is not published and routers keep the one before it. ${described[kind]} ${name} is among the largest there with ${bytes} bytes: make it smaller, or move resources into another namespace.`,
      })),
  );
}

function entriesOf(table: RoutingTable, bucket: number | undefined) {
  return entryKinds.flatMap((kind) =>
    Object.entries<object>(table[kind])
      .filter(([name]) => bucketOf(kind, name) === bucket)
      .map(([name, entry]) => ({ kind, name, bytes: canonicalText(entry).length })),
  );
}
