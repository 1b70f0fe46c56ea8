// `switchyard explain` as people run it: of a folder before any traffic, and of a request that was recorded.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directorySink } from "../../../src/records/index.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send, type Got } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const examples = ["--config", "test/fixtures/local"];

function explain(words: readonly string[], input = "") {
  const program = ["src/cli/main.ts", "explain", ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, {
    encoding: "utf8",
    input,
  });
  return { status, stdout, stderr };
}

const dataOf = (words: readonly string[], input = ""): Record<string, unknown> =>
  JSON.parse(explain([...words, "--json"], input).stdout) as Record<string, unknown>;

describe("of a folder", () => {
  it("tells who would serve, why, and what each candidate was thought to be good for", () => {
    const { status, stdout, stderr } = explain([...examples, "--model", "assistant"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^assistant: claude-sonnet-eu \(no_plan\): .*the baseline keeps it$/m);
    expect(stdout).toMatch(/^ {2}floor +90 % of claude-sonnet-eu's correctness, Certified$/m);
    expect(stdout).toMatch(/^ +1\. +claude-sonnet-eu +0\.\d+ +\$/m);
    for (const name of ["nova-micro", "nova-lite", "claude-haiku-eu"])
      expect(stdout).toMatch(new RegExp(`^ +[234]\\. +${name} +0\\.\\d+ +\\$`, "m"));
  });

  it("reads what is asked from standard input, and never prints it", () => {
    const hard = "Prove that the sum of two odd squares, say of quokka, is never a square. ".repeat(
      9,
    );
    const words = [...examples, "--model", "assistant", "--prompt"];
    const asked = explain([...words, "-"], hard);
    expect(asked).toEqual(explain([...words, hard]));
    expect(asked.status).toBe(0);
    expect(asked.stdout).not.toContain("quokka");
    expect(asked.stdout).not.toBe(explain([...words, "Hello"]).stdout);
  });

  it("gives the same as data, for a tenant and by the route's name", () => {
    expect(dataOf([...examples, "--route", "support", "--tenant", "support-team"])).toMatchObject({
      route: "support",
      tenant: "support-team",
      chosen: "llama-own",
      reason: "ordered",
      candidates: [
        { backend: "llama-own", place: 1 },
        { backend: "nova-lite", place: 2 },
        { backend: "claude-haiku-eu", place: 3 },
      ],
    });
  });

  it("ends with 1 where nothing may serve, and says what stands against it", () => {
    const words = [...examples, "--model", "assistant", "--prompt", "-"];
    const { status, stdout } = explain(words, "so ".repeat(1_000_000));
    expect(status).toBe(1);
    expect(stdout).toMatch(/^assistant: nothing serves: .*context.*shorten the input/);
  });
});

describe("of a record", () => {
  let local: Local;
  let home: string;
  let answer: Got;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "switchyard-explain-"));
    local = await startLocal();
    answer = await send({ url: local.url }, { body: chatOf("assistant", "repeat: a quokka") });
    await local.records.where(() => true, "the request", 1);
    const sink = directorySink(join(home, "records"));
    for (const record of local.records.all) sink.write(record);
    await sink.close();
    const lines = local.records.all.map((record) => `${JSON.stringify(record)}\n`);
    await writeFile(join(home, "records.ndjson"), lines.join(""));
  });

  afterAll(async () => {
    await local.stop();
    await rm(home, { recursive: true, force: true });
  });

  it("tells who was chosen then, as the answer's headers did", () => {
    const words = ["--records", join(home, "records"), "--request", answer.requestId];
    const { status, stdout, stderr } = explain(words);
    expect([status, stderr]).toEqual([0, ""]);
    const backend = String(answer.headers["x-switchyard-backend"]);
    const reason = String(answer.headers["x-switchyard-reason"]);
    expect(stdout.startsWith(`assistant: ${backend} (${reason}): `)).toBe(true);
    expect(stdout).toContain(`  1.  ${backend} `);
    expect(dataOf(words)).toMatchObject({ route: "assistant", chosen: backend, reason });
  });

  it("reads lines as a router prints them just as well", () => {
    const of = (place: string) =>
      explain(["--records", join(home, place), "--request", answer.requestId]);
    expect(of("records.ndjson")).toEqual(of("records"));
  });

  it("says where there is no such record", () => {
    const records = join(home, "records");
    const { status, stderr } = explain(["--records", records, "--request", "req_none"]);
    expect([status, stderr]).toEqual([
      2,
      `switchyard: ${records} holds no record of the request req_none\n`,
    ]);
  });
});

describe("what a person can mend is told in one sentence, with exit code 2", () => {
  it.each<[what: string, words: string[], says: RegExp]>([
    ["no folder", [], /Say where the YAML files are: --config DIR/],
    ["neither model nor route", examples, /--model M or --route R; the models are assistant, /],
    ["an unknown model", [...examples, "--model", "gpt"], /gpt/],
    ["an unknown route", [...examples, "--route", "gone"], /no route gone; there are .*assistant/],
    [
      "an unknown tenant",
      [...examples, "--route", "support", "--tenant", "acme"],
      /no tenant acme; there are .*support-team/,
    ],
    ["records without a request", ["--records", "."], /Say which request: --request ID/],
    ["a folder and a request", [...examples, "--request", "a"], /--config|--request/],
    [
      "no records there",
      ["--records", "/nothing/here", "--request", "a"],
      /\/nothing\/here does not exist.*--records DIR/,
    ],
    ["a word too many", [...examples, "assistant"], /assistant/],
  ])("%s", (_what, words, says) => {
    const { status, stdout, stderr } = explain(words);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(says);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
