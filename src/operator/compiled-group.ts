import type { ConfigMapManifest, Finding, Manifest } from "../api/index.ts";
import { compile, type CompileInput, type Group } from "../compile/index.ts";
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
import { ModelReader, type PackedModel } from "./models.ts";
import type { ClassConfig } from "./operator-config.ts";

export interface CompiledGroup {
  table: RoutingTable;
  findings: readonly Finding[];
  encoded: EncodedTable;
  /** The classifier model that the table names. */
  model: PackedModel | undefined;
}

interface CompileInputs {
  group: Group;
  manifests: readonly Manifest[];
  configMaps?: readonly ConfigMapManifest[];
  settings: ClassConfig;
  published: RoutingTable | undefined;
  /** The classifier model that the published table names. */
  kept?: PackedModel | undefined;
  /** Milliseconds since the epoch. It does not make the inputs others: findings on keys' dates are as old as they. */
  now?: number;
}

/** Compiles a group, and gives the last result again where nothing that goes into it is another. */
export class GroupCompiler {
  readonly #models: ModelReader;
  #last: { inputs: CompileInputs; compiled: CompiledGroup } | undefined;

  constructor(models = new ModelReader()) {
    this.#models = models;
  }

  compile(inputs: CompileInputs): CompiledGroup {
    if (this.#last !== undefined && areSame(this.#last.inputs, inputs)) return this.#last.compiled;
    const { table, findings } = compile({
      ...compileInput(inputs),
      readModel: (configMap) => this.#models.inConfigMap(configMap),
    });
    const encoded = encodeTable(table, this.#last?.compiled.encoded);
    const model = this.#modelOf(encoded, inputs);
    const compiled = { table, findings, encoded, model };
    this.#last = { inputs, compiled };
    return compiled;
  }

  #modelOf(
    { pointer }: EncodedTable,
    { kept, configMaps = [] }: CompileInputs,
  ): PackedModel | undefined {
    if (pointer.model === undefined) return undefined;
    const { digest } = pointer.model;
    return digest === kept?.digest ? kept : this.#models.find(digest, configMaps);
  }
}

function compileInput({ published, kept, now, ...given }: CompileInputs): CompileInput {
  return {
    ...given,
    ...(kept === undefined ? {} : { keptModel: kept.digest }),
    ...(now === undefined ? {} : { now }),
    ...(published === undefined ? {} : { published }),
  };
}

/** Manifests are replaced and never changed, so that it is enough to see that they are the same. */
function areSame(left: CompileInputs, right: CompileInputs): boolean {
  return (
    left.published === right.published &&
    left.kept?.digest === right.kept?.digest &&
    left.settings === right.settings &&
    areSameItems(left.manifests, right.manifests) &&
    areSameItems(left.configMaps ?? [], right.configMaps ?? [])
  );
}

const areSameItems = (left: readonly object[], right: readonly object[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index]);

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
