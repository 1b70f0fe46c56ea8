import { describe, expect, test } from "vitest";
import { problemText, readManifests } from "../../../src/api/index.ts";

const tenant = (name: string): string => `apiVersion: switchyard.dev/v1alpha1
kind: TenantPolicy
metadata:
  name: ${name}
spec: {}`;

const indented = (text: string): string => text.replaceAll("\n", "\n    ");

const problemsOf = (text: string): string[] =>
  readManifests(text, "f.yaml").problems.map(problemText);

const namesOf = (text: string): string[] =>
  readManifests(text, "f.yaml").manifests.map(({ metadata }) => metadata.name);

describe("documents", () => {
  test("of one file are all read, whatever separates them", () => {
    expect(
      namesOf(`---\n${tenant("a")}\n---\n# nothing\n---\n${tenant("b")}\n...\n---\n${tenant("c")}`),
    ).toEqual(["a", "b", "c"]);
  });

  test("may be JSON", () => {
    expect(
      namesOf(
        `{"apiVersion": "switchyard.dev/v1alpha1", "kind": "TenantPolicy",\n\t"metadata": {"name": "a"}, "spec": {}}`,
      ),
    ).toEqual(["a"]);
  });

  test.each(["", "# only a comment\n", "---\n---\n"])("of an empty file are none: %j", (text) => {
    expect(readManifests(text, "f.yaml")).toEqual({ manifests: [], configMaps: [], problems: [] });
  });

  test("of lists are unrolled, and keep their lines", () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n  - ${indented(tenant("a"))}\n  - ${indented(tenant("b"))}`;
    const { manifests } = readManifests(list, "f.yaml");
    expect(
      manifests.map(({ metadata, source }) => [
        metadata.name,
        source?.line,
        source?.lineOf(["metadata", "name"]),
      ]),
    ).toEqual([
      ["a", 4, 7],
      ["b", 9, 12],
    ]);
  });

  test.each([
    "apiVersion: v1\nkind: ConfigMap\ndata: {on: yes}",
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]",
    "apiVersion: v1\nkind: List\nitems: []",
  ])("of other kinds are passed over: %j", (text) => {
    expect(readManifests(text, "f.yaml")).toEqual({ manifests: [], configMaps: [], problems: [] });
  });

  test("lend each other their good parts: one that cannot be read does not hide the next", () => {
    const text = `a: 1\na: 2\n---\n${tenant("b")}`;
    expect(namesOf(text)).toEqual(["b"]);
    expect(problemsOf(text)).toHaveLength(1);
  });
});

describe("what cannot be told for a resource", () => {
  test.each([
    [
      "resources: [a.yaml]",
      "f.yaml:1: warning: This is passed over, because it has no apiVersion.",
    ],
    [
      "just words",
      "f.yaml:1: warning: This is passed over: a resource is a map of apiVersion, kind, metadata and spec.",
    ],
    ["\nkind: ModelRoute", "f.yaml:2: apiVersion: This is missing: write switchyard.dev/v1alpha1."],
    [
      "apiVersion: switchyard.io/v1\nkind: ModelRoute",
      "f.yaml:1: warning: apiVersion: This is passed over: for a ModelRoute of Switchyard write switchyard.dev/v1alpha1.",
    ],
    [
      "apiVersion: switchyard.dev/v2\nkind: ModelRoute",
      "f.yaml:1: apiVersion: There is no such version of switchyard.dev: write switchyard.dev/v1alpha1.",
    ],
    [
      "apiVersion: switchyard.dev/v1alpha1\nkind: Route",
      "f.yaml:2: kind: There is no such kind in switchyard.dev: write one of ModelBackend, ModelRoute, TenantPolicy.",
    ],
    [
      "apiVersion: switchyard.dev/v1alpha1\nkind: ModelRoute",
      "f.yaml:1: metadata: This is missing: write a map of fields.",
    ],
    [
      "apiVersion: switchyard.dev/v1alpha1\nkind: ModelRoute\nmetadata:\n  namespace: a",
      "f.yaml:3: metadata.name: This is missing: write a text.",
    ],
    [
      tenant("a/b"),
      'f.yaml:4: metadata.name: "a/b" does not fit here: write the name of a Kubernetes object: lower-case letters, digits, - and ., beginning and ending with a letter or digit.',
    ],
    ["a: 1\nb:\n\tc: 1", "f.yaml:3: YAML takes no tabs for indentation: write spaces."],
    ["a: 1\nb: 1\na: 2", "f.yaml:3: The field stands twice in its map: keep one of them."],
    ["a: 1\nb: [", /^f\.yaml:2: This is not YAML: .+\. Correct it, and check the indentation\.$/],
  ])("%j", (text, wanted) => {
    const found = problemsOf(text);
    expect(found[0]).toEqual(typeof wanted === "string" ? wanted : expect.stringMatching(wanted));
  });
});

describe("a manifest with faults outside of its spec", () => {
  const text = `${tenant("a")}\nspecs: {}`.replace(
    "name: a",
    "name: a\n  labels: {stage: 3, team: x}\n  lables: {}\n  uid: u-1\n  generation: 7",
  );

  test("is still known by its name, so that what was published of it can be kept", () => {
    expect(readManifests(text, "f.yaml").manifests[0]?.metadata).toEqual({
      name: "a",
      labels: { team: "x" },
      annotations: {},
      uid: "u-1",
      generation: 7,
    });
  });

  test("carries them with it", () => {
    expect(readManifests(text, "f.yaml").manifests[0]?.problems?.map(problemText)).toEqual([
      "f.yaml:5: metadata.labels.stage: 3 does not fit here, and YAML does not take it for a text: write it in quotes.",
      'f.yaml:6: metadata.lables: There is no field "lables" here. Did you mean labels?',
      'f.yaml:10: specs: There is no field "specs" here. Did you mean spec?',
    ]);
  });
});

describe("a hostile file", () => {
  test.each([
    [
      "an alias bomb",
      `${"a: &a [x, x, x, x, x, x, x, x, x]\n"}${[..."bcdefgh"].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(", ")}]\n`).join("")}`,
    ],
    ["an anchor within itself", tenant("a").replace("{}", "&a {subjects: [*a, *a]}")],
    ["endless nesting", "[".repeat(100_000)],
    ["nesting that closes", `a: ${"[".repeat(50_000)}${"]".repeat(50_000)}`],
    ["a flood of text", "x".repeat(5_000_000)],
  ])("with %s is refused in a sentence", (_, text) => {
    const { manifests, problems } = readManifests(text, "f.yaml");
    expect(manifests).toEqual([]);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every(({ severity }) => severity === "Error")).toBe(true);
  });

  test("may still share a few parts by alias", () => {
    const text = tenant("a").replace(
      "spec: {}",
      "spec: {dataClasses: &c [pii], residency: {regions: &r [eu-west-1]}, subjects: []}",
    );
    expect(namesOf(text)).toEqual(["a"]);
  });
});
