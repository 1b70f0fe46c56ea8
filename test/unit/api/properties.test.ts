import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  kindNames,
  parseResource,
  readManifests,
  toManifest,
  type Manifest,
} from "../../../src/api/index.ts";
import { pathOf, pathText } from "../../../src/api/manifests/problem.ts";
import { arbitraryValue } from "./arbitrary-value.ts";
import { brokenRules, rulesIn, specSchemaOf, withDefaults } from "./cel-rules.ts";
import { exampleFiles } from "./example-files.ts";

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withNullPrototype: true,
  maxDepth: 6,
});
const kind = fc.constantFrom(...kindNames);

const manifestOf = (name: (typeof kindNames)[number], spec: unknown): Manifest => ({
  apiVersion: "switchyard.dev/v1alpha1",
  kind: name,
  metadata: { name: "a", labels: {}, annotations: {} },
  spec,
});

test("a path is read back from its text", () => {
  const step = fc.oneof(fc.nat(), fc.string({ unit: "binary" }), fc.constantFrom("spec", "a.b/c"));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (path) => {
      expect(pathOf(pathText(path))).toEqual(path);
    }),
  );
});

describe("readers", () => {
  test("readManifests throws on no text", () => {
    const hostile = fc.string({ unit: "binary", maxLength: 400 });
    fc.assert(
      fc.property(hostile, (text) => void readManifests(text, "any.yaml")),
      { numRuns: 500 },
    );
  });

  test("readManifests and parseResource throw on no broken copy of a resource", () => {
    const texts = [...exampleFiles("valid"), ...exampleFiles("invalid")].map(({ text }) => text);
    const cut = fc.record({
      text: fc.constantFrom(...texts),
      at: fc.nat(2_000),
      drop: fc.nat(40),
      put: fc.string({ maxLength: 8 }),
    });
    fc.assert(
      fc.property(cut, ({ text, at, drop, put }) => {
        const { manifests } = readManifests(
          text.slice(0, at) + put + text.slice(at + drop),
          "any.yaml",
        );
        for (const manifest of manifests) parseResource(manifest);
      }),
      { numRuns: 500 },
    );
  });

  test("toManifest throws on no object that claims to be ours", () => {
    const claim = fc.record({
      apiVersion: fc.constant("switchyard.dev/v1alpha1"),
      kind,
      metadata: anything,
      spec: anything,
    });
    fc.assert(fc.property(fc.oneof(anything, claim), (value) => void toManifest(value)));
  });

  test("parseResource throws on no spec, and says of each refusal why", () => {
    fc.assert(
      fc.property(kind, anything, (name, spec) => {
        const parsed = parseResource(manifestOf(name, spec));
        expect(
          parsed.ok ||
            parsed.error.every(({ path, message }) => path.startsWith("spec") && message !== ""),
        ).toBe(true);
      }),
    );
  });
});

describe.each(kindNames)("%s", (name) => {
  const schema = specSchemaOf(name);
  const messages = new Set(rulesIn(schema).map((rule) => rule.message));

  test("breaks the same rules in zod and in CEL, whatever well-typed value it has", () => {
    fc.assert(
      fc.property(arbitraryValue(schema), (spec) => {
        const parsed = parseResource(manifestOf(name, spec));
        const problems = parsed.ok ? [] : parsed.error.map(({ message }) => message);
        // Repeated items are a matter of list types, which CEL does not see.
        const others = problems.filter(
          (message) => !messages.has(message) && !message.includes("stands here twice"),
        );
        expect(others).toEqual([]);
        const inCel = brokenRules(schema, withDefaults(schema, spec));
        expect(problems.filter((message) => messages.has(message)).toSorted()).toEqual(
          inCel.toSorted(),
        );
      }),
      { numRuns: 200 },
    );
  });
});
