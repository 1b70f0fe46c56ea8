import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import type { KubeObject } from "../../../../src/kube/index.ts";
import { desiredObjects } from "../../../../src/operator/desired.ts";
import type { GroupContext } from "../../../../src/operator/group.ts";
import { operatorConfig } from "../../../../src/operator/operator-config.ts";
import { buildAnchor } from "../../../../src/operator/specs/anchor.ts";

const folder = join(import.meta.dirname, "cases");

export const groupCaseNames = (): string[] => readdirSync(folder).toSorted();

export type AnchoredGroup = GroupContext & { anchorUid: string };

/** A group out of what a `group.yaml` says; all that it leaves out is as usual. */
export function makeGroup(own: Record<string, unknown> = {}): AnchoredGroup {
  const { operator = {}, config = {}, ...rest } = own;
  const { image, jobsImage, imagePullPolicy, imagePullSecrets, classes } = operatorConfig.parse({
    image: "registry.example/switchyard:1.2.3",
    jobsImage: "registry.example/switchyard-jobs:1.2.3",
    classes: { this: config },
    ...(operator as object),
    namespace: undefined,
  });
  return {
    namespace: "models",
    routerClass: "default",
    anchorUid: "0b7cb65e-2d3c-4a51-8f4e-0d6a4ad1c001",
    ...rest,
    config: classes["this"]!,
    operator: {
      image,
      jobsImage,
      imagePullPolicy,
      imagePullSecrets,
      namespace: "switchyard-system",
      ...(operator as { namespace?: string }),
    },
  };
}

export const groupOfCase = (name: string): AnchoredGroup =>
  makeGroup(parse(readFileSync(join(folder, name, "group.yaml"), "utf8")) ?? {});

/** Every object of a case by the file that holds it. */
export function renderGroupCase(name: string): Map<string, string> {
  const group = groupOfCase(name);
  return new Map(
    [buildAnchor(group), ...desiredObjects(group)].map((item) => [
      join(folder, name, `${fileNameOf(item)}.yaml`),
      stringify(item, { lineWidth: 110, aliasDuplicateObjects: false }),
    ]),
  );
}

const fileNameOf = ({ kind, metadata }: KubeObject): string => {
  const [, shard] = /-(plans(?:-\d)?|admin)$/.exec(metadata.name) ?? [];
  if (shard !== undefined) return shard;
  if (kind === "ConfigMap" && metadata.name.endsWith("-drift")) return "drift";
  const name =
    kind === "ConfigMap" ? "anchor" : kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
  const [, job] = /-(plan|drift)$/.exec(metadata.name) ?? [];
  return job === undefined ? name : `${job}-${name}`;
};

/** The files that a case has, its input apart. */
export const expectedGroupFiles = (name: string): string[] =>
  readdirSync(join(folder, name))
    .filter((file) => file !== "group.yaml")
    .map((file) => join(folder, name, file));
