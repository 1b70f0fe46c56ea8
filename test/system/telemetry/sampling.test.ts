// A router that samples next to nothing, as people set it up: what matters is kept all the same.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Fault, type Simulator } from "../../../src/simulators/index.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { plainAttributes, startOtlpSink, type OtlpSink } from "../../support/otlp-sink.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send } from "../../support/send.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

const slowMs = 2_500;

/** By what happens to them: the faults that requests meet, and the caller's trace, if there is one. */
const asked: Readonly<Record<string, { faults?: readonly Fault[]; traceparent?: string }>> = {
  nothing: {},
  "a fallback": { faults: [{ model: models.micro, kind: "access-denied" }] },
  "an error": { faults: [{ model: "*", kind: "access-denied" }] },
  "a slow answer": {
    faults: [{ model: models.micro, kind: "slow-first-token", delayMs: slowMs + 500 }],
  },
  "a caller that samples": {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  },
  "an error of a caller that does not sample": {
    faults: [{ model: "*", kind: "access-denied" }],
    traceparent: "00-0bf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
  },
};

let folder: string;
let simulator: Simulator;
let sink: OtlpSink;
let router: SwitchyardProcess;
let stdout: string;
const ids = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-sampling-"));
  simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
  sink = await startOtlpSink();
  await writeFile(
    join(folder, "a.yaml"),
    yamlOf([backendOf("micro"), backendOf("lite"), routeOf("two", ["micro", "lite"])]),
  );
  router = new SwitchyardProcess(
    ["router", "--config", folder, "--host", "127.0.0.1", "--port", "0", "--admin-port", "0"],
    {
      SWITCHYARD_ADMIN_HOST: "127.0.0.1",
      SWITCHYARD_SLOW_REQUEST_MS: String(slowMs),
      AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
      AWS_ENDPOINT_URL: simulator.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.000000001",
    },
  );
  const url = await router.addressOf("API");
  for (const [name, { faults = [], traceparent }] of Object.entries(asked)) {
    for (const fault of faults) simulator.faults.set(fault);
    const headers: Record<string, string> = traceparent === undefined ? {} : { traceparent };
    const { requestId } = await send({ url }, { body: chatOf("two", "repeat: hello"), headers });
    ids.set(name, requestId);
    simulator.faults.clear();
  }
  router.signal("SIGTERM");
  ({ stdout } = await router.ended());
}, 60_000);

afterAll(async () => {
  await router?.kill();
  await sink?.close();
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("with a ratio that drops nearly all", () => {
  it.each([
    ["nothing", undefined],
    ["a fallback", "outcome"],
    ["an error", "outcome"],
    ["a slow answer", "outcome"],
    ["a caller that samples", "the caller"],
    ["an error of a caller that does not sample", undefined],
  ])("of a request that met %s the trace is kept by %s", (name, keptBy) => {
    const span = sink
      .spans()
      .map(({ attributes }) => plainAttributes(attributes))
      .find((attributes) => attributes["switchyard.request.id"] === ids.get(name));
    const why = span && (span["switchyard.sampled_by"] ?? "the caller");
    expect(why).toBe(keptBy);
  });

  it("every request has its record, with the id of its trace", () => {
    const records = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { request_id: string; trace_id: string });
    expect(records.map(({ request_id: id }) => id)).toEqual([...ids.values()]);
    for (const { trace_id: traceId } of records) expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});
