import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { lintTexts, problemText } from "../../src/api/index.ts";
import { readEnvironment } from "../../src/cli/environment.ts";
import { root } from "./planted-tree.ts";

const papers = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...["docs", "charts"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`),
  ),
].toSorted();

const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Targets of Markdown links to files of the repository, as the paper writes them. */
function fileLinks(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target.split("#", 1)[0] ?? "")
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target));
}

/** Paths in back-quotes that lie in one of the repository's own folders; `…` and `*` stand for more. */
function quotedPaths(text: string): string[] {
  return [...text.matchAll(/`((?:src|test|scripts|docs|crds)\/[^`\s]*)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !/[*…<>{}A-Z]/.test(path));
}

describe.each(papers)("%s", (paper) => {
  const text = read(paper);

  it("links to files that are there", () => {
    const lost = fileLinks(text).filter(
      (target) => !existsSync(join(root, dirname(paper), target)),
    );
    expect(lost).toEqual([]);
  });

  it("names paths that are there", () => {
    expect(quotedPaths(text).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("names npm scripts that are there", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run ([a-z][a-z:-]*)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe("README.md", () => {
  it("shows resources that a reader can copy: switchyard lint has no word against them", () => {
    const blocks = [...read("README.md").matchAll(/```yaml\n(.*?)```/gs)];
    const text = blocks.map(([, block = ""]) => block).join("---\n");
    const kinds = [...text.matchAll(/^kind: (.+)$/gm)].map(([, kind]) => kind);
    expect(new Set(kinds)).toEqual(new Set(["ModelBackend", "ModelRoute", "TenantPolicy"]));
    expect(lintTexts([{ file: "README.md", text }]).map(problemText)).toEqual([]);
  });

  it("names every command of switchyard, and no other", () => {
    const told = [...read("README.md").matchAll(/^\| `switchyard ([a-z]+)/gm)].map(
      ([, name]) => name,
    );
    const known = [...read("src/cli/main.ts").matchAll(/^ {2}([a-z]+): \{$/gm)].map(
      ([, name]) => name,
    );
    expect(new Set(told)).toEqual(new Set(known));
  });
});

describe("docs/settings.md", () => {
  const rows = [...read("docs/settings.md").matchAll(/^\| `(SWITCHYARD_\w+)` .*$/gm)].map(
    ([row, name = ""]) => ({ name, cells: row.split("|").map((cell) => cell.trim()) }),
  );

  it("lists every variable that is read, and no other", () => {
    const sources = ["src/cli/environment.ts", "src/cli/metric-store-variables.ts"].map(read);
    const known = [...sources.join("\n").matchAll(/^ {2}(SWITCHYARD_\w+):/gm)];
    expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(known.map(([, name]) => name)));
  });

  it("can be complete, since the environment is read as a whole and nowhere else", () => {
    const readers = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => read(`src/${name}`).match(/.*process\.env\b.*/g) ?? []);
    const whole = /\bread(Aws)?Environment\(process\.env\)/;
    expect(readers.length).toBeGreaterThan(5);
    expect(readers.filter((line) => !whole.test(line))).toEqual([]);
  });

  it("tells the defaults that hold", () => {
    const told = rows.map(({ name, cells }) => [name, cells[3]?.replaceAll("`", "")]);
    const defaults = Object.entries(readEnvironment({})).map(([name, value]) => [
      name,
      String(value),
    ]);
    expect(told).toEqual(expect.arrayContaining(defaults));
  });

  it("names the flags of the same meaning", () => {
    const flags = rows.map(({ cells }) => cells[2]?.replaceAll("`", "") ?? "");
    const named = flags.filter((flag) => flag !== "–");
    const help = read("src/cli/router.ts") + read("src/cli/operator.ts");
    expect(named.filter((flag) => !help.includes(`  ${flag} `))).toEqual([]);
  });
});

describe("names", () => {
  const sources = ["src", "test", "scripts"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name}`)
      .filter((path) => statSync(join(root, path)).isFile()),
  );

  it("of files say what is in them", () => {
    const vague = /(^|\/)(utils?|helpers?|types|misc|common|shared)(\.|\/)/;
    expect(sources.filter((path) => vague.test(path))).toEqual([]);
  });

  it("of decisions are numbered without a gap", () => {
    const numbers = readdirSync(join(root, "docs/adr")).map((name) => Number(name.slice(0, 4)));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
  });
});
