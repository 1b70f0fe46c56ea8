// Metrics for CloudWatch in what a router prints, as a log agent would get it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { readRecordLines, type RequestRecord } from "../../../src/records/index.ts";
import { startSimulator, type Simulator } from "../../../src/simulators/index.ts";
import { type EmfDocument, emfProblems } from "../../support/emf-document.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send } from "../../support/send.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

let folder: string;
let simulator: Simulator;
const running: SwitchyardProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-emf-"));
  simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
  const target = { endpoint: simulator.url };
  await writeFile(
    join(folder, "a.yaml"),
    yamlOf([
      backendOf("micro", { target }),
      backendOf("lite", { target }),
      routeOf("one", ["micro", "lite"]),
      routeOf("alone", ["micro"]),
    ]),
  );
});

afterEach(async () => {
  simulator.faults.clear();
  await Promise.all(running.splice(0).map((each) => each.kill()));
});

afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

function router(environment: Record<string, string>): SwitchyardProcess {
  const process = new SwitchyardProcess(
    ["router", "--config", folder, "--host", "127.0.0.1", "--port", "0", "--admin-port", "0"],
    {
      SWITCHYARD_ADMIN_HOST: "127.0.0.1",
      AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
      ...environment,
    },
  );
  running.push(process);
  return process;
}

/** One answered, one that falls back, one that fails, one for a model that nobody knows. */
async function everySort(process: SwitchyardProcess): Promise<string[]> {
  const url = await process.addressOf("API");
  const statuses: number[] = [];
  const ask = async (model: string) =>
    void statuses.push((await send({ url }, { body: chatOf(model, "repeat: hello") })).status);
  await ask("one");
  simulator.faults.set({ kind: "throttling", model: models.micro });
  await ask("one");
  await ask("alone");
  await ask("nobody-knows");
  expect(statuses.map((status) => Math.floor(status / 100))).toEqual([2, 2, 4, 4]);
  process.signal("SIGTERM");
  const { code, stdout } = await process.ended();
  expect(code).toBe(0);
  return stdout.trimEnd().split("\n");
}

it("is in the line of every request, and the record is read as ever", async () => {
  const lines = await everySort(router({ SWITCHYARD_EMF: "true" }));
  expect(lines.flatMap(emfProblems)).toEqual([]);
  const documents = lines.map((line) => JSON.parse(line) as EmfDocument);
  expect(
    documents.map(({ outcome, model, fallbacks, _aws }) => [
      outcome,
      model,
      fallbacks,
      _aws.CloudWatchMetrics[0]?.Dimensions,
    ]),
  ).toEqual([
    ["answered", models.micro, 0, [["namespace", "route", "model", "outcome"]]],
    ["answered", models.lite, 1, [["namespace", "route", "model", "outcome"]]],
    ["limited", undefined, 0, [["namespace", "route", "outcome"]]],
    ["refused", undefined, 0, [["namespace", "outcome"]]],
  ]);
  const records = await Array.fromAsync(
    readRecordLines(Readable.from([Buffer.from(`${lines.join("\n")}\n`)])),
  );
  expect(records.map(({ response_model: model }: RequestRecord) => model)).toEqual([
    models.micro,
    models.lite,
    null,
    null,
  ]);
  expect(records.filter((record) => "_aws" in record)).toEqual([]);
});

it("is nowhere without the switch", async () => {
  const lines = await everySort(router({}));
  expect(lines).toHaveLength(4);
  expect(lines.filter((line) => line.includes("_aws"))).toEqual([]);
});

it("is refused where no records are printed", async () => {
  const { code, stderr } = await router({
    SWITCHYARD_EMF: "true",
    SWITCHYARD_RECORDS: "none",
  }).ended();
  expect([code, stderr]).toEqual([2, expect.stringContaining("SWITCHYARD_EMF: metrics stand in")]);
});
