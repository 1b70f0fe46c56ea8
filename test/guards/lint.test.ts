import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lint, plantTree, type Complaint } from "./planted-tree.ts";

const branches = Array.from(
  { length: 11 },
  (_, index) => `  if (n === ${index}) return "${index}";`,
);
const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `export const line${index} = ${index};`).join("\n");

const faults = [
  {
    of: "a promise that nobody waits for",
    file: "src/router/planted-promise.ts",
    text: "const late = async (): Promise<void> => {};\nexport function start(): void {\n  late();\n}\n",
    rule: "typescript(no-floating-promises)",
  },
  {
    of: "a promise where a plain callback is expected",
    file: "src/router/planted-callback.ts",
    text: 'process.on("exit", async () => {\n  await Promise.resolve();\n});\n',
    rule: "typescript(no-misused-promises)",
  },
  {
    of: "any",
    file: "src/router/planted-any.ts",
    text: "export const anything: any = 1;\n",
    rule: "typescript(no-explicit-any)",
  },
  {
    of: "the console outside cli",
    file: "src/router/planted-console.ts",
    text: 'console.log("Serving");\n',
    rule: "eslint(no-console)",
  },
  {
    of: "the environment outside cli",
    file: "src/router/planted-environment.ts",
    text: 'export const home = process.env["HOME"];\n',
    rule: "node(no-process-env)",
  },
  {
    of: "eleven ways through one function",
    file: "src/router/planted-complexity.ts",
    text: `export function name(n: number): string {\n${branches.join("\n")}\n  return "";\n}\n`,
    rule: "eslint(complexity)",
  },
  {
    of: "blocks four deep",
    file: "src/router/planted-depth.ts",
    text: "export function deep(n: number): void {\n  if (n) {\n    if (n > 1) {\n      if (n > 2) {\n        if (n > 3) {\n          throw new Error();\n        }\n      }\n    }\n  }\n}\n",
    rule: "eslint(max-depth)",
  },
  {
    of: "301 lines in a source file",
    file: "src/router/planted-length.ts",
    text: lines(301),
    rule: "eslint(max-lines)",
  },
  {
    of: "501 lines in a test",
    file: "test/planted-length.test.ts",
    text: lines(501),
    rule: "eslint(max-lines)",
  },
  {
    of: "two files that import each other",
    file: "src/router/planted-egg.ts",
    text: 'import { hen } from "./planted-hen.ts";\nexport const egg = (): unknown => hen;\n',
    rule: "import(no-cycle)",
  },
  {
    of: "a file name in capitals",
    file: "src/router/PlantedName.ts",
    text: "export const name = 1;\n",
    rule: "unicorn(filename-case)",
  },
  {
    of: "a default export",
    file: "src/router/planted-default.ts",
    text: "export default 1;\n",
    rule: "import(no-default-export)",
  },
  {
    of: "a test that is skipped",
    file: "test/planted-skip.test.ts",
    text: 'import { it } from "vitest";\nit.skip("is left out", () => {});\n',
    rule: "vitest(no-disabled-tests)",
  },
  {
    of: "a test that shuts out the others",
    file: "test/planted-only.test.ts",
    text: 'import { it } from "vitest";\nit.only("is alone", () => {});\n',
    rule: "vitest(no-focused-tests)",
  },
  {
    of: "an exception from a rule that nothing needs",
    file: "src/router/planted-directive.ts",
    text: "// oxlint-disable-next-line no-console\nexport const quiet = 1;\n",
    rule: "unused directive",
  },
] as const;

describe("the linter", () => {
  let complaints: readonly Complaint[] = [];
  let remove = (): void => {};

  beforeAll(() => {
    const tree = plantTree({
      ...Object.fromEntries(faults.map(({ file, text }) => [file, text])),
      "src/router/planted-hen.ts":
        'import { egg } from "./planted-egg.ts";\nexport const hen = (): unknown => egg;\n',
      "test/planted-500.test.ts": lines(500),
      "src/router/planted-300.ts": lines(300),
    });
    remove = tree.remove;
    complaints = lint(tree.path);
  });

  afterAll(() => remove());

  it.each(faults)("refuses $of", ({ file, rule }) => {
    const rules = complaints.filter((each) => each.file === file).map((each) => each.rule);
    expect(rules).toContain(rule);
  });

  it.each(["test/planted-500.test.ts", "src/router/planted-300.ts"])("accepts %s", (file) => {
    expect(complaints.filter((each) => each.file === file)).toEqual([]);
  });
});
