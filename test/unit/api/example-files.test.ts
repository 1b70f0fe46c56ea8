import { describe, expect, test } from "vitest";
import {
  kindNames,
  lintTexts,
  notImplemented,
  readManifests,
  parseResource,
  resourceSchema,
  type Problem,
} from "../../../src/api/index.ts";
import { brokenRules, isTransition, rulesIn, specSchemaOf, withDefaults } from "./cel-rules.ts";
import { exampleFiles } from "./example-files.ts";

const rules = kindNames.flatMap((kind) => rulesIn(resourceSchema(kind)));
const registered = new Set(
  rules.filter((rule) => !isTransition(rule)).map(({ message }) => message),
);
const unenforced = new Set<string>(
  Object.values(notImplemented)
    .flat()
    .map(({ message }) => message),
);

/** What is wrong with the form of a text, apart from what a release does not enforce. */
const faults = (file: string, text: string): Problem[] =>
  lintTexts([{ file, text }]).filter(({ message }) => !unenforced.has(message));

function celMessages(text: string, asked?: Map<string, number>): string[] {
  return readManifests(text, "example.yaml")
    .manifests.flatMap(({ kind, spec }) =>
      brokenRules(specSchemaOf(kind), withDefaults(specSchemaOf(kind), spec), asked),
    )
    .toSorted();
}

describe.each(exampleFiles("valid"))("valid/$name", ({ name, text }) => {
  test("is accepted by the schema and by every rule in CEL", () => {
    const { manifests, problems } = readManifests(text, name);
    expect(problems).toEqual([]);
    expect(manifests.map((manifest) => parseResource(manifest))).toMatchObject([{ ok: true }]);
    expect(celMessages(text)).toEqual([]);
  });
});

describe.each(exampleFiles("invalid"))("invalid/$name", ({ name, text, expect: wanted }) => {
  test("is refused with its message, at a line of the file", () => {
    const found = faults(name, text).filter(({ message }) =>
      message.includes(wanted ?? "(the file names no message)"),
    );
    expect(found).toHaveLength(1);
    expect(found[0]?.line).toBeGreaterThan(2);
  });

  test("breaks the same rules in CEL as in zod", () => {
    const messages = faults(name, text).map(({ message }) => message);
    const broken = messages.filter((message) => registered.has(message)).toSorted();
    if (broken.length === messages.length) expect(celMessages(text)).toEqual(broken);
    else expect(broken).toEqual([]);
  });
});

describe("the rules across fields", () => {
  const wanted = new Set(exampleFiles("invalid").map((file) => file.expect));
  const asked = new Map<string, number>();
  for (const { text } of exampleFiles("valid")) celMessages(text, asked);

  test.each([...registered])("%s: a file breaks it, and a valid one was asked", (message) => {
    expect(wanted).toContain(message);
    expect(asked.get(message)).toBeGreaterThan(0);
  });

  test.each(rules.filter(isTransition))(
    "$message: a file shows the two sides of it",
    ({ message }) => {
      const file = exampleFiles("transitions").find((each) => each.expect === message);
      const { manifests } = readManifests(file?.text ?? "", "transition");
      expect(manifests.map((manifest) => parseResource(manifest).ok)).toEqual([true, true]);
    },
  );
});
