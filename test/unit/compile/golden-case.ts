import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { readManifests } from "../../../src/api/index.ts";
import {
  compile,
  type ClassSettings,
  type Compiled,
  type CompileInput,
  type Group,
  type ReadModel,
} from "../../../src/compile/index.ts";
import { err, ok } from "../../../src/lib/index.ts";
import { contentDigest, encodeTable } from "../../../src/table/index.ts";

const folder = join(import.meta.dirname, "cases");

/** What cases are compiled with, where their `settings.yaml` does not say otherwise. */
const usual: { group: Group; settings: ClassSettings } = {
  group: { namespace: "default", routerClass: "default" },
  settings: {
    endpointHosts: ["*.vpce.amazonaws.com"],
    allowLoopbackEndpoints: false,
    roleArns: ["arn:aws:iam::111122223333:role/inference"],
  },
};

export const caseNames = (): string[] => readdirSync(folder).toSorted();

export const expectedFile = (name: string): string => join(folder, name, "expected.yaml");

/** Compiles a case: `published.yaml`, where there is one, as the state before `input.yaml`. */
export function compileCase(name: string): Compiled {
  const own = existsSync(join(folder, name, "settings.yaml"))
    ? parse(textOf(name, "settings.yaml"))
    : {};
  const group = { ...usual.group, ...own.group };
  const settings = { ...usual.settings, ...own.settings };
  const time = own.now === undefined ? {} : { now: Date.parse(own.now) };
  if (!existsSync(join(folder, name, "published.yaml"))) {
    return compile({ group, settings, ...time, readModel, ...readingsOf(name, "input.yaml") });
  }
  // What was published was published under the settings of its time.
  const before = { group, settings: { ...settings, ...own.settingsBefore } };
  const published = compile({ ...before, readModel, ...readingsOf(name, "published.yaml") }).table;
  const keptModel =
    own.losesModel === true ? undefined : encodeTable(published).pointer.model?.digest;
  return compile({
    group,
    settings,
    ...time,
    published,
    readModel,
    ...(keptModel === undefined ? {} : { keptModel }),
    ...readingsOf(name, "input.yaml"),
  });
}

/** A model of the cases is any text that begins with these words. */
const readModel: ReadModel = ({ content }) => {
  const text = Buffer.from(content, "base64").toString();
  return text.startsWith("A model")
    ? ok({ digest: contentDigest(text) })
    : err("These bytes are no classifier model.");
};

function readingsOf(name: string, file: string): Pick<CompileInput, "manifests" | "configMaps"> {
  const { manifests, configMaps, problems } = readManifests(textOf(name, file), file);
  if (problems.length > 0) throw new Error(`${name}: ${JSON.stringify(problems)}`);
  return { manifests, configMaps };
}

const textOf = (name: string, file: string): string =>
  readFileSync(join(folder, name, file), "utf8");

/** Table and findings as people read them in a diff: the findings first. */
export function render({ table, findings }: Compiled): string {
  const told = findings.map(({ ref, severity, reason, path, message }) => ({
    on: `${ref.kind} ${ref.namespace}/${ref.name}`,
    finding: `${severity} ${reason}`,
    ...(path === undefined ? {} : { path }),
    message,
  }));
  return stringify({ findings: told, table }, { lineWidth: 110, aliasDuplicateObjects: false });
}
