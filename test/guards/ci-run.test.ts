import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "./planted-tree.ts";

interface Case {
  when: string;
  /** What a stand-in for npm says and ends with. */
  check: readonly [said: string, code: number];
  test: readonly [said: string, code: number];
  /** Absent: three pass. */
  cluster?: readonly [said: string, code: number];
  closing: string;
  code: number;
}

const goodCheck = ["Checks: 6 passed, 0 failed in 1.0 s", 0] as const;
const goodTest = ["All tests: 40 passed, 0 failed, 0 skipped in 1.0 s", 0] as const;

const goodCluster = ["All tests: 3 passed, 0 failed, 0 skipped in 1.0 s", 0] as const;

const cases: readonly Case[] = [
  {
    when: "all is well",
    check: goodCheck,
    test: goodTest,
    closing: "49 passed, 0 failed",
    code: 0,
  },
  {
    when: "a check fails",
    check: ["Checks: 5 passed, 1 failed in 1.0 s", 1],
    test: goodTest,
    closing: "48 passed, 1 failed",
    code: 1,
  },
  {
    when: "a test fails",
    check: goodCheck,
    test: ["All tests: 38 passed, 2 failed, 0 skipped in 1.0 s", 1],
    closing: "47 passed, 2 failed",
    code: 1,
  },
  {
    when: "a test is skipped",
    check: goodCheck,
    test: ["All tests: 39 passed, 0 failed, 1 skipped in 1.0 s", 0],
    closing: "48 passed, 1 failed",
    code: 1,
  },
  {
    when: "no test ran",
    check: goodCheck,
    test: ["All tests: 0 passed, 0 failed, 0 skipped in 0.0 s", 0],
    closing: "9 passed, 1 failed",
    code: 1,
  },
  {
    when: "the tests do not even start",
    check: goodCheck,
    test: ["vitest: not found", 127],
    closing: "9 passed, 1 failed",
    code: 1,
  },
  {
    when: "the test run breaks down although no test failed",
    check: goodCheck,
    test: ["All tests: 40 passed, 0 failed, 0 skipped in 1.0 s", 1],
    closing: "49 passed, 1 failed",
    code: 1,
  },
  {
    when: "there can be no cluster",
    check: goodCheck,
    test: goodTest,
    cluster: ["A cluster for tests needs Linux and root", 1],
    closing: "46 passed, 1 failed",
    code: 1,
  },
  {
    when: "a test on the cluster fails",
    check: goodCheck,
    test: goodTest,
    cluster: ["All tests: 2 passed, 1 failed, 0 skipped in 1.0 s", 1],
    closing: "48 passed, 1 failed",
    code: 1,
  },
  {
    when: "a test prints what looks like a summary",
    check: goodCheck,
    test: ["All tests: 1 passed, 0 failed\nAll tests: 40 passed, 0 failed, 0 skipped in 1.0 s", 0],
    closing: "49 passed, 0 failed",
    code: 0,
  },
  {
    when: "the summary comes in colours",
    check: goodCheck,
    test: ["\u001B[32mAll tests: 40 passed, 0 failed, 0 skipped in 1.0 s\u001B[39m", 0],
    closing: "49 passed, 0 failed",
    code: 0,
  },
];

describe(".ci/run", () => {
  let clone = "";

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), "switchyard-ci-"));
    for (const folder of [".ci", "scripts", "bin"]) mkdirSync(join(clone, folder));
    cpSync(join(root, ".ci/run"), join(clone, ".ci/run"));
    writeFileSync(join(clone, "scripts/ensure-installed.mjs"), "");
  });

  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  function standIn({ check, test, cluster = goodCluster }: Case): void {
    const answers = { check, cluster, test };
    for (const [name, [said]] of Object.entries(answers)) writeFileSync(join(clone, name), said);
    const answer = (name: keyof typeof answers): string =>
      `cat ${name}; echo; exit ${answers[name][1]}`;
    const script = `case "$*" in
*check*) ${answer("check")};;
*test:cluster*) ${answer("cluster")};;
*) ${answer("test")};;
esac`;
    const path = join(clone, "bin/npm");
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  it.each(cases)("closes with $closing and code $code where $when", (each) => {
    standIn(each);
    const { status, stdout } = spawnSync("bash", [".ci/run"], {
      cwd: clone,
      env: { PATH: `${join(clone, "bin")}:${process.env["PATH"] ?? ""}` },
      encoding: "utf8",
      timeout: 30_000,
    });
    const closingLines = stdout.split("\n").filter((line) => /^\d+ passed, \d+ failed/.test(line));
    expect(closingLines).toEqual([each.closing]);
    expect(stdout.trimEnd().endsWith(each.closing)).toBe(true);
    expect(status).toBe(each.code);
  });
});
