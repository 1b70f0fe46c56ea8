import {
  contentPath,
  pathText,
  type ConfigMapManifest,
  type Finding,
  type Holding,
  type ResourceRef,
} from "../api/index.ts";
import type { Result } from "../lib/index.ts";
import { instantMs } from "./intake.ts";
import { compareTexts, judge } from "./judgement.ts";

/** A ConfigMap of ours as compile sees it. */
export interface Held {
  ref: ResourceRef;
  configMap: ConfigMapManifest;
  /** Where findings on what it holds point to. */
  path: string;
  /** False: it has told so in a finding, and nothing in it is looked at. */
  isSound: boolean;
}

export interface HeldConfigMaps {
  /** By seniority: creation, then name. */
  of: (holds: Holding) => readonly Held[];
  findings: Finding[];
}

const defaultNamespace = "default";

/** The ConfigMaps of a namespace. Of two with one name neither is taken: which was meant, nobody can tell. */
export function takeConfigMaps(
  configMaps: readonly ConfigMapManifest[],
  namespace: string,
): HeldConfigMaps {
  const findings: Finding[] = [];
  const own = configMaps
    .filter(({ metadata }) => (metadata.namespace ?? defaultNamespace) === namespace)
    .toSorted(bySeniority);
  const counts = new Map<string, number>();
  for (const { metadata } of own) counts.set(metadata.name, (counts.get(metadata.name) ?? 0) + 1);
  const held = own.map((configMap): Held => {
    const { name } = configMap.metadata;
    const ref: ResourceRef = { kind: "ConfigMap", namespace, name };
    const problems = configMap.problems ?? [];
    findings.push(...problems.map(({ message, path }) => judge("Invalid", ref, message, path)));
    const isTwice = (counts.get(name) ?? 0) > 1;
    if (isTwice) findings.push(twice(ref));
    const isSound = problems.length === 0 && !isTwice;
    return { ref, configMap, path: pathText(contentPath(configMap.holds)), isSound };
  });
  return { of: (holds) => held.filter(({ configMap }) => configMap.holds === holds), findings };
}

function bySeniority(left: ConfigMapManifest, right: ConfigMapManifest): number {
  const [one, other] = [left, right].map(
    ({ metadata }) => instantMs(metadata.creationTimestamp) ?? 0,
  );
  return (one ?? 0) - (other ?? 0) || compareTexts(left.metadata.name, right.metadata.name);
}

const twice = (ref: ResourceRef): Finding =>
  judge("Invalid", ref, `ConfigMap ${ref.name} is there twice: keep one of them.`, "metadata.name");

/** What some ConfigMaps hold, as far as it can be read. */
export interface HeldFiles<File> {
  files: readonly { source: Held; file: File }[];
  /** False: some is not valid, and what they would say nobody knows. */
  isWhole: boolean;
  findings: Finding[];
}

/**
 * @param how its `read` gives what is wrong with a text as the rest of a sentence; `what` and `by` say what
 *   it should be and which command writes it
 */
export function readHeld<File>(
  held: readonly Held[],
  how: { read: (configMap: ConfigMapManifest) => Result<File, string>; what: string; by: string },
): HeldFiles<File> {
  const files: { source: Held; file: File }[] = [];
  const findings: Finding[] = [];
  for (const source of held) {
    const file = source.isSound ? how.read(source.configMap) : undefined;
    if (file?.ok === true) files.push({ source, file: file.value });
    else if (file !== undefined) {
      const message = `ConfigMap ${source.ref.name} holds no ${how.what}: ${file.error}. Write it with \`switchyard ${how.by}\`.`;
      findings.push(judge("Invalid", source.ref, message, source.path));
    }
  }
  return { files, isWhole: files.length === held.length, findings };
}
