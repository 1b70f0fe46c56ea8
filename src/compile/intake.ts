import {
  annotations,
  parseResource,
  type Finding,
  type Manifest,
  type ModelBackendSpec,
  type ModelRouteSpec,
  type ResourceRef,
  type TenantPolicySpec,
} from "../api/index.ts";
import { refuseFilters } from "./filters.ts";
import { compareTexts, judge } from "./judgement.ts";
import { findNotImplemented } from "./not-implemented.ts";

/** A resource as compile sees it: named, dated and, where it is valid, with its spec. */
export interface Draft<Spec> {
  ref: ResourceRef;
  /** Milliseconds since the epoch; 0 where the resource does not say. */
  createdAt: number;
  labels: Readonly<Record<string, string>>;
  paused: boolean;
  /** Whether somebody lifts what drift has pinned. */
  unpinned: boolean;
  /** Undefined where the resource is invalid or asks for what would be loosened by ignoring it. */
  spec: Spec | undefined;
  /** The spec as it was written, of every copy; for what can be told of an invalid one. */
  texts: readonly unknown[];
}

/** The resources of a namespace, each kind by seniority: creation, then name. */
export interface Intake {
  backends: Draft<ModelBackendSpec>[];
  /** Those of every class. */
  routes: Draft<ModelRouteSpec>[];
  tenants: Draft<TenantPolicySpec>[];
  findings: Finding[];
}

/** As many problems of one resource as a person reads. */
const maxProblems = 20;

/** The namespace of manifests that name none, as kubectl has it. */
const defaultNamespace = "default";

const objectName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * The manifests of a namespace, parsed one by one. Of several of one kind and name none is taken: which
 * of them was meant, nobody can tell. A name that Kubernetes would not have is none, and passed over.
 */
export function takeIn(manifests: readonly Manifest[], namespace: string): Intake {
  const intake: Intake = { backends: [], routes: [], tenants: [], findings: [] };
  for (const copies of byIdentity(manifests, namespace)) {
    const [first] = copies;
    if (first === undefined) continue;
    const { draft, findings } = copies.length === 1 ? parsedOnce(first) : refuseCopies(copies);
    intake.findings.push(...findings);
    // The spec is of the kind that the manifest was parsed as.
    if (first.kind === "ModelBackend") intake.backends.push(draft as Draft<ModelBackendSpec>);
    else if (first.kind === "ModelRoute") intake.routes.push(draft as Draft<ModelRouteSpec>);
    else intake.tenants.push(draft as Draft<TenantPolicySpec>);
  }
  for (const drafts of [intake.backends, intake.routes, intake.tenants]) drafts.sort(bySeniority);
  return intake;
}

export const namespaceOf = (manifest: Manifest): string =>
  manifest.metadata.namespace ?? defaultNamespace;

function bySeniority(left: Draft<unknown>, right: Draft<unknown>): number {
  return left.createdAt - right.createdAt || compareTexts(left.ref.name, right.ref.name);
}

function byIdentity(manifests: readonly Manifest[], namespace: string): Iterable<Manifest[]> {
  const groups = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    if (namespaceOf(manifest) !== namespace || !objectName.test(manifest.metadata.name)) continue;
    const key = `${manifest.kind}/${manifest.metadata.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [manifest]);
    else group.push(manifest);
  }
  return groups.values();
}

/** What can be told of a manifest alone. */
interface Parsed {
  draft: Draft<unknown>;
  findings: readonly Finding[];
}

/** By the manifest itself, which is never changed: of 2,000 routes one edit has one parsed again. */
const known = new WeakMap<Manifest, Parsed>();

function parsedOnce(manifest: Manifest): Parsed {
  const found = known.get(manifest) ?? parse(manifest);
  known.set(manifest, found);
  return found;
}

function parse(manifest: Manifest): Parsed {
  const draft = identify(manifest);
  const parsed = parseResource(manifest);
  if (!parsed.ok) {
    const problems = parsed.error.slice(0, maxProblems);
    return {
      draft,
      findings: problems.map(({ path, message }) => judge("Invalid", draft.ref, message, path)),
    };
  }
  const { loosening, warnings } = findNotImplemented(parsed.value, draft.ref);
  const refusals = [...loosening, ...refuseFilters(parsed.value, draft.ref)];
  const findings = [...refusals, ...warnings];
  return refusals.length > 0
    ? { draft, findings }
    : { draft: { ...draft, spec: parsed.value.spec }, findings };
}

function refuseCopies(copies: readonly Manifest[]): Parsed {
  // One speaks for all, and not the first to come, so that the order of manifests changes nothing.
  const [first, ...others] = copies
    .toSorted((left, right) => compareTexts(jsonOf(left), jsonOf(right)))
    .map(identify)
    .toSorted(bySeniority);
  if (first === undefined) throw new RangeError("There is no copy");
  const places = copies.flatMap(({ source }) =>
    source === undefined ? [] : [`${source.file}:${source.line}`],
  );
  const where = places.length === 0 ? "" : ` (${places.toSorted(compareTexts).join(", ")})`;
  const message = `${first.ref.kind} ${first.ref.name} is declared ${copies.length} times${where}: keep one of them.`;
  return {
    draft: { ...first, texts: [first, ...others].flatMap(({ texts }) => texts) },
    findings: [judge("Invalid", first.ref, message, "metadata.name")],
  };
}

function jsonOf({ metadata, spec }: Manifest): string {
  try {
    return JSON.stringify([metadata, spec]);
  } catch {
    // Not of JSON's kind: it came from no file and no API server.
    return "";
  }
}

function identify({ kind, metadata, spec, ...manifest }: Manifest): Draft<never> {
  return {
    ref: {
      kind,
      namespace: namespaceOf({ kind, metadata, spec, ...manifest }),
      name: metadata.name,
    },
    createdAt: instantMs(metadata.creationTimestamp) ?? 0,
    labels: { ...metadata.labels },
    paused: metadata.annotations[annotations.paused] === "true",
    unpinned: Object.hasOwn(metadata.annotations, annotations.unpin),
    spec: undefined,
    texts: [spec],
  };
}

/** Milliseconds since the epoch, not before it; undefined where the text is no instant. */
export function instantMs(text: string | undefined): number | undefined {
  const instant = Date.parse(text ?? "");
  return Number.isNaN(instant) ? undefined : Math.max(0, instant);
}
