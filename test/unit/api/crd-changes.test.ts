import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breakingChanges } from "../../../scripts/crd-changes.ts";
import { customResourceDefinition, kindNames } from "../../../src/api/index.ts";

interface Definition {
  scope?: string;
  plural?: string;
  versions?: object[];
}

const definition = ({ scope = "Namespaced", plural = "things", versions = [] }: Definition) => ({
  spec: { group: "example.dev", scope, names: { kind: "Thing", plural }, versions },
});

const version = (schema: object, changes: object = {}) => ({
  name: "v1",
  served: true,
  storage: true,
  subresources: { status: {} },
  schema: { openAPIV3Schema: schema },
  ...changes,
});

/** A CRD whose spec has one field. */
const withField = (field: object | undefined, more: object = {}) =>
  definition({
    versions: [
      version({
        type: "object",
        properties: {
          spec: { type: "object", properties: field === undefined ? {} : { x: field }, ...more },
        },
      }),
    ],
  });

const rule = (text: string) => ({ "x-kubernetes-validations": [{ rule: text, message: "So." }] });
const text = { type: "string" };
const list = (items: object, more: object = {}) => ({ type: "array", items, ...more });

type Change = [what: string, before: object | undefined, after: object | undefined, told: string];

const tightened: Change[] = [
  ["a removed field", text, undefined, ".spec.x is gone"],
  ["another type", text, { type: "integer" }, '.spec.x type was "string" and is "integer"'],
  ["a new format", text, { ...text, format: "date-time" }, ".spec.x format was nothing and"],
  ["a lost value", { enum: ["A", "B"] }, { enum: ["A", "C"] }, '.spec.x takes "B" no longer'],
  ["a new enum", text, { ...text, enum: ["A"] }, ".spec.x takes only certain values"],
  ["a new pattern", text, { ...text, pattern: "^a" }, '.spec.x pattern was nothing and is "^a"'],
  ["another pattern", { pattern: "^a" }, { pattern: "^b" }, '.spec.x pattern was "^a" and is "^b"'],
  ["a new rule", text, { ...text, ...rule("self != ''") }, ".spec.x has the new rule self != ''"],
  ["another rule", rule("self > 1"), rule("self > 2"), ".spec.x has the new rule self > 2"],
  ["null refused", { nullable: true }, {}, ".spec.x takes null no longer"],
  ...["maximum", "maxLength", "maxItems", "maxProperties"].flatMap((keyword): Change[] => [
    [`a lower ${keyword}`, { [keyword]: 5 }, { [keyword]: 4 }, `.spec.x ${keyword} was 5 and is 4`],
    [`a new ${keyword}`, {}, { [keyword]: 4 }, `.spec.x ${keyword} was nothing and is 4`],
  ]),
  ...["minimum", "minLength", "minItems", "minProperties"].flatMap((keyword): Change[] => [
    [
      `a higher ${keyword}`,
      { [keyword]: 4 },
      { [keyword]: 5 },
      `.spec.x ${keyword} was 4 and is 5`,
    ],
    [`a new ${keyword}`, {}, { [keyword]: 1 }, `.spec.x ${keyword} was nothing and is 1`],
  ]),
  [
    "a new duty",
    { properties: { y: text } },
    { properties: { y: text }, required: ["y"] },
    ".spec.x must have y, which has no default",
  ],
  [
    "a new field that is a duty",
    { properties: {} },
    { properties: { y: text }, required: ["y"] },
    ".spec.x must have y, which has no default",
  ],
  [
    "a default that a duty loses",
    { properties: { y: { ...text, default: "a" } }, required: ["y"] },
    { properties: { y: text }, required: ["y"] },
    ".spec.x must have y, which has no default",
  ],
  ["a removed field of a list", list({ properties: { y: text } }), list({}), ".spec.x[].y is gone"],
  ["items of another type", list(text), list({ type: "integer" }), '.spec.x[] type was "string"'],
  [
    "a list that is a set",
    list(text, { "x-kubernetes-list-type": "atomic" }),
    list(text, { "x-kubernetes-list-type": "set" }),
    '.spec.x x-kubernetes-list-type was "atomic" and is "set"',
  ],
  [
    "a map with narrower values",
    { additionalProperties: { maxLength: 9 } },
    { additionalProperties: { maxLength: 8 } },
    ".spec.x.* maxLength was 9 and is 8",
  ],
  [
    "a map that has become an object",
    { additionalProperties: text },
    { properties: { y: text } },
    ".spec.x.* is gone",
  ],
  [
    "an object that takes unknown fields no longer",
    { "x-kubernetes-preserve-unknown-fields": true },
    {},
    ".spec.x keeps unknown fields no longer",
  ],
];

const widened: [what: string, before: object | undefined, after: object | undefined][] = [
  ["a new field", undefined, text],
  ["another description", { ...text, description: "A." }, { ...text, description: "B." }],
  ["more values", { enum: ["A"] }, { enum: ["B", "A"] }],
  ["no enum any more", { ...text, enum: ["A"] }, text],
  ["a higher maximum", { maximum: 1 }, { maximum: 2 }],
  ["no maximum any more", { maximum: 1 }, {}],
  ["a lower minimum", { minimum: 2 }, { minimum: 1 }],
  ["no pattern any more", { pattern: "^a" }, {}],
  ["no format any more", { ...text, format: "date-time" }, text],
  ["a rule less", rule("self > 1"), {}],
  ["another message of a rule", rule("a"), { "x-kubernetes-validations": [{ rule: "a" }] }],
  ["null taken", {}, { nullable: true }],
  ["a duty less", { properties: { y: text }, required: ["y"] }, { properties: { y: text } }],
  [
    "a new duty with a default",
    { properties: {} },
    { properties: { y: { ...text, default: "a" } }, required: ["y"] },
  ],
  ["an object that is a map", { properties: { y: text } }, { additionalProperties: text }],
];

describe("between two CRDs", () => {
  test.each(tightened)("%s is told with its place", (_, before, after, told) => {
    const changes = breakingChanges(withField(before), withField(after));
    expect(changes).toHaveLength(1);
    expect(changes[0]).toContain(`v1: ${told}`);
  });

  test.each(widened)("%s is nothing to be told", (_, before, after) => {
    expect(breakingChanges(withField(before), withField(after))).toEqual([]);
  });

  const plain = version({ type: "object" });

  test.each<[string, Definition, string]>([
    ["a removed version", {}, "version v1 is gone"],
    [
      "a version that is not served",
      { versions: [version({ type: "object" }, { served: false })] },
      "version v1 is served no longer",
    ],
    [
      "a lost subresource",
      { versions: [version({ type: "object" }, { subresources: {} })] },
      "version v1 has the subresource status no longer",
    ],
    [
      "another scope",
      { versions: [plain], scope: "Cluster" },
      'scope was "Namespaced" and is "Cluster"',
    ],
    [
      "another plural",
      { versions: [plain], plural: "thingies" },
      'plural was "things" and is "thingies"',
    ],
  ])("%s is told", (_, after, told) => {
    expect(breakingChanges(definition({ versions: [plain] }), definition(after))).toEqual([told]);
  });

  test("a version that was not served before may go, and a new one may come", () => {
    const old = version({ type: "object" }, { name: "v0", served: false });
    const next = version({ type: "string" }, { name: "v2" });
    const before = definition({ versions: [old, plain] });
    expect(breakingChanges(before, definition({ versions: [plain, next] }))).toEqual([]);
  });

  test.each(kindNames)("every single field of %s is missed where it is taken out", (kind) => {
    const whole = customResourceDefinition(kind);
    const paths = propertyPaths(whole);
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths) {
      const changes = breakingChanges(whole, without(whole, path));
      expect(changes.some((change) => change.endsWith(`.${path.at(-1)} is gone`))).toBe(true);
    }
  });
});

/** Where in a CRD properties stand, step by step. */
function propertyPaths(node: unknown, path: string[] = []): string[][] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, child]) => {
    const at = [...path, key];
    const own = path.at(-1) === "properties" ? [at] : [];
    return [...own, ...propertyPaths(child, at)];
  });
}

function without(node: unknown, [step = "", ...rest]: string[]): unknown {
  if (Array.isArray(node))
    return node.map((child, at) => (String(at) === step ? without(child, rest) : child));
  const entries = Object.entries(node as object);
  return Object.fromEntries(
    rest.length === 0
      ? entries.filter(([key]) => key !== step)
      : entries.map(([key, child]) => [key, key === step ? without(child, rest) : child]),
  );
}

describe("npm run check", () => {
  const root = resolve(import.meta.dirname, "../../..");
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-crds-"));
    cpSync(join(root, "crds"), join(folder, "crds"), { recursive: true });
    cpSync(join(root, "test/crds/released"), join(folder, "released"), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = "switchyard.dev_modelroutes.yaml";
  const compare = (...flags: string[]) =>
    spawnSync(
      process.execPath,
      [
        join(root, "scripts/compare-crds.ts"),
        ...flags,
        join(folder, "crds"),
        join(folder, "released"),
      ],
      { encoding: "utf8" },
    );

  test("passes the CRDs of today", () => {
    expect(compare()).toMatchObject({ status: 0, stderr: "" });
  });

  test("refuses a field that was taken out by hand, until a release has taken it out", () => {
    const path = join(folder, "crds", file);
    writeFileSync(path, readFileSync(path, "utf8").replace("routerClass:", "routerKind:"));
    const { status, stderr } = compare();
    expect(status).toBe(1);
    expect(stderr).toContain(`${file}: v1alpha1: .spec.routerClass is gone`);
    expect(compare("--release").status).toBe(0);
    expect(compare()).toMatchObject({ status: 0, stderr: "" });
  });

  test("refuses a kind that is gone", () => {
    rmSync(join(folder, "crds", file));
    expect(compare()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`${file}: the kind is gone`),
    });
  });
});
