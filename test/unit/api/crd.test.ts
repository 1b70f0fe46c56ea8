import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  annotations,
  group,
  children,
  conditionTypes,
  customResourceDefinition,
  kindNames,
  lintSchema,
  reasons,
  resourceSchema,
  structuralSchema,
  type SchemaNode,
} from "../../../src/api/index.ts";

const root = resolve(import.meta.dirname, "../../..");

describe("the committed CRDs", () => {
  let copy = "";
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), "switchyard-crds-"));
    cpSync(join(root, "crds"), copy, { recursive: true });
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  const check = () =>
    spawnSync(process.execPath, [join(root, "scripts/generate-crds.ts"), "--check", copy], {
      encoding: "utf8",
    });

  test("are what the schemas say", () => {
    expect(check()).toMatchObject({ status: 0, stderr: "" });
  });

  test("are found out when a line was changed by hand", () => {
    const [name = ""] = readdirSync(copy);
    const text = readFileSync(join(copy, name), "utf8");
    writeFileSync(join(copy, name), text.replace("scope: Namespaced", "scope: Cluster"));
    const { status, stderr } = check();
    expect(status).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `^${name}:\\d+: found "  scope: Cluster", the schemas say "  scope: Namespaced"$`,
        "m",
      ),
    );
  });
});

describe.each(kindNames)("the CRD of %s", (kind) => {
  test("passes the schema lint", () => {
    expect(lintSchema(resourceSchema(kind))).toEqual([]);
  });

  test("prints columns of fields and conditions that exist", () => {
    const [version] = (
      customResourceDefinition(kind)["spec"] as {
        versions: { additionalPrinterColumns: { jsonPath: string }[] }[];
      }
    ).versions;
    for (const { jsonPath } of version?.additionalPrinterColumns ?? []) {
      const condition = /^\.status\.conditions\[\?\(@\.type=="(\w+)"\)\]\.(status|reason)$/.exec(
        jsonPath,
      )?.[1];
      if (condition === undefined)
        expect(
          jsonPath === ".metadata.creationTimestamp" || hasField(resourceSchema(kind), jsonPath),
        ).toBe(true);
      else expect(Object.keys(conditionTypes)).toContain(condition);
    }
  });
});

/** `.spec.quality.tier` leads to a schema. */
function hasField(node: SchemaNode, path: string): boolean {
  if (path === "") return true;
  const step = /^\.\w+/.exec(path)?.[0] ?? "";
  const child = children(node).find(([name]) => name === step)?.[1];
  return child !== undefined && hasField(child, path.slice(step.length));
}

const text = { type: "string", maxLength: 5, description: "A text of somebody's." };
const item = { type: "object", description: "An item of a list.", properties: { name: text } };

describe("the schema lint", () => {
  test("finds nothing in a good schema", () => {
    expect(lintSchema({ ...item, required: ["name"] })).toEqual([]);
  });

  test.each<[string, SchemaNode, string]>([
    ["a reference", { ...text, $ref: "#/x" }, "$ref"],
    ["a union", { ...text, anyOf: [] }, "anyOf"],
    ["a constant", { ...text, const: "a" }, "const"],
    ["uniqueItems", { ...text, uniqueItems: true }, "uniqueItems"],
    ["no type", { description: "A value of any kind." }, "type must be"],
    ["a float", { type: "number", description: "A number of somebody's." }, "type must be"],
    ["no description", { type: "string", maxLength: 5 }, "description"],
    ["half a sentence", { ...text, description: "a text" }, "description"],
    ["an endless text", { type: "string", description: text.description }, "maxLength"],
    [
      "an endless number",
      { type: "integer", minimum: 0, description: text.description },
      "maximum",
    ],
    [
      "an endless list",
      {
        type: "array",
        items: text,
        "x-kubernetes-list-type": "atomic",
        description: text.description,
      },
      "maxItems",
    ],
    [
      "an endless map",
      { type: "object", additionalProperties: text, description: text.description },
      "maxProperties",
    ],
    [
      "a list without a type",
      { type: "array", items: text, maxItems: 3, description: text.description },
      "x-kubernetes-list-type",
    ],
    [
      "a list of maps without keys",
      {
        type: "array",
        items: item,
        maxItems: 3,
        "x-kubernetes-list-type": "map",
        description: text.description,
      },
      "list-map-keys is missing",
    ],
    [
      "a key that may be absent",
      {
        type: "array",
        items: item,
        maxItems: 3,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        description: text.description,
      },
      "the key name is neither",
    ],
    [
      "an object of anything",
      { type: "object", description: text.description },
      "properties or additionalProperties",
    ],
    [
      "an object that is a map too",
      { ...item, additionalProperties: text, maxProperties: 3 },
      "properties or additionalProperties",
    ],
    ["an unknown format", { ...text, format: "hostname" }, "format"],
    ["look-ahead", { ...text, pattern: "^(?=a)" }, "pattern"],
    ["a back-reference", { ...text, pattern: "(a)\\1" }, "pattern"],
    [
      "a rule that says nothing",
      { ...text, "x-kubernetes-validations": [{ rule: "true" }] },
      "validation",
    ],
  ])("finds %s, however deep it lies", (_, planted, wanted) => {
    const found = lintSchema({
      ...item,
      properties: {
        list: {
          type: "array",
          maxItems: 2,
          "x-kubernetes-list-type": "atomic",
          description: "A list of things.",
          items: planted,
        },
      },
    });
    expect(found).toEqual([expect.stringContaining(`.list[]: `)]);
    expect(found[0]).toContain(wanted);
  });
});

describe("the translation to a structural schema", () => {
  test.each<[string, z.ZodType, string]>([
    ["unions", z.strictObject({ a: z.union([z.string(), z.int()]) }), ".a uses anyOf"],
    ["shared definitions", z.strictObject({ a: z.string().meta({ id: "shared" }) }), "$ref"],
    ["literals", z.strictObject({ a: z.literal("x") }), ".a uses const"],
    ["tuples", z.strictObject({ a: z.tuple([z.string()]) }), ".a uses prefixItems"],
    [
      "two patterns at once",
      z.strictObject({ a: z.string().regex(/a/).regex(/b/) }),
      ".a uses allOf",
    ],
  ])("refuses %s", (_, schema, wanted) => {
    expect(() => structuralSchema(schema)).toThrow(wanted);
  });

  test("writes the members' defaults into an object's, because rules see it before they are filled in", () => {
    const inner = z.strictObject({
      a: z.string().default("x"),
      b: z.strictObject({ c: z.int().default(1) }).prefault({}),
    });
    expect(structuralSchema(z.strictObject({ inner: inner.prefault({}) }))).toMatchObject({
      properties: { inner: { default: { a: "x", b: { c: 1 } } } },
    });
  });
});

test("annotations and labels of ours stand under the group's name", () => {
  expect(Object.values(annotations).every((name) => name.startsWith(`${group}/`))).toBe(true);
});

describe("the reasons", () => {
  test.each(Object.entries(reasons))(
    "%s: one word, with a condition and a meaning",
    (name, { condition, meaning }) => {
      expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(Object.keys(conditionTypes)).toContain(condition);
      expect(meaning).toMatch(/^[A-Z].+\.$/);
    },
  );
});
