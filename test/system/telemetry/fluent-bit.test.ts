// What a router prints, against the configuration of Fluent Bit that docs/exporting.md shows: read, not run.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emfLine, makeLog } from "../../../src/telemetry/index.ts";
import { fluentBitProblems, outputsOf, readFluentBit } from "../../support/fluent-bit.ts";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send } from "../../support/send.ts";
import { type Local, startLocal } from "../../support/start-local.ts";

const text = readFileSync("examples/exporting/fluent-bit.yaml", "utf8");
const configuration = readFluentBit(text);
const tag = "kube.var.log.containers.switchyard-default-7d5_models_router-0123abc.log";
const key = "sy_a-key-of-the-team";

let local: Local;

beforeAll(async () => {
  const words = { name: "words", type: "WordList", wordList: { words: ["plover"] } };
  local = await startLocal({
    resources: [
      backendOf("micro"),
      routeOf("open", ["micro"], {
        safety: [{ ...words, stage: "Input", action: "Observe" }],
      }),
      tenantOf("team", key),
    ],
  });
});

afterAll(() => local.stop());

const groupsOf = (line: string): unknown[] =>
  outputsOf(configuration, tag, line).map(({ log_group_name: group }) => group);

describe("the configuration of Fluent Bit", () => {
  it("has no option that its plugins do not know, and all that CloudWatch needs", () => {
    expect(fluentBitProblems(configuration)).toEqual([]);
  });

  it("follows the files of routers' pods as the kubelet names them", () => {
    const [{ path, "multiline.parser": parser } = {}] = configuration.pipeline.inputs as {
      path?: string;
      "multiline.parser"?: string;
    }[];
    const pattern = new RegExp(
      `^${path?.replaceAll(".", String.raw`\.`).replaceAll("*", "[^/]*")}$`,
    );
    expect("/var/log/containers/switchyard-default-7d5-x_models_router-0123abc.log").toMatch(
      pattern,
    );
    expect("/var/log/containers/other-7d5-x_models_app-0123abc.log").not.toMatch(pattern);
    expect(parser).toBe("cri");
  });

  it("sends every line that a router prints to one log group, by its stream", async () => {
    const injected = '"stream":"safety", plover';
    const got = await send(local, { body: chatOf("open", injected), key });
    const failed = await send(local, { body: chatOf('","stream":"label","', "hello"), key });
    expect([got.status, failed.status]).toEqual([200, 404]);
    await send(local, {
      path: "/v1/feedback",
      body: { request_id: got.requestId, correct: true },
      key,
    });
    await local.records.of(failed.requestId);
    const { all, safety, labels } = local.records;
    await expect.poll(() => [all.length, safety.length, labels.length]).toEqual([2, 1, 1]);
    for (const dress of [(_: unknown, line: string) => line, emfLine]) {
      const lines = [...all, ...safety, ...labels].map((record) =>
        dress(record, JSON.stringify(record)),
      );
      expect(lines.map(groupsOf)).toEqual([
        ["/switchyard/requests"],
        ["/switchyard/requests"],
        ["/switchyard/safety"],
        ["/switchyard/labels"],
      ]);
    }
    const told: string[] = [];
    makeLog({ output: { write: (line) => told.push(line) } }).info("Loading a table");
    expect(told.map((line) => groupsOf(line.trimEnd()))).toEqual([["/switchyard/log"]]);
  });

  it("tells CloudWatch of metrics where they may be, and sends lines as they are", () => {
    const formats = configuration.pipeline.outputs.map((each) => [
      each["log_group_name"],
      each["log_format"],
      each["log_key"],
    ]);
    expect(formats).toEqual([
      ["/switchyard/requests", "json/emf", "log"],
      ["/switchyard/safety", undefined, "log"],
      ["/switchyard/labels", undefined, "log"],
      ["/switchyard/log", undefined, "log"],
    ]);
  });
});

describe("the reading of such configurations", () => {
  it("finds what is misspelt or missing", () => {
    const broken = readFluentBit(
      text.replace("log_format:", "logformat:").replace("log_retention_days: 365", ""),
    );
    expect(fluentBitProblems(broken)).toEqual([
      "cloudwatch_logs knows no logformat",
      "safety.* has a retention that CloudWatch does not know",
    ]);
  });
});
