// What a router tells by OTLP, through a real collector with the configuration that docs/exporting.md shows, to where it
// is kept.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { KeptRecord } from "../../../src/records/index.ts";
import { startSimulator, type Simulator } from "../../../src/simulators/index.ts";
import { type Collector, startCollector } from "../../support/collector.ts";
import { resolveLimitMs } from "../../support/kube/binaries.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import {
  type KeyValue,
  type OtlpSink,
  plainAttributes,
  type SentPoint,
  startOtlpSink,
} from "../../support/otlp-sink.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send } from "../../support/send.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

const pollMs = { timeout: 60_000, interval: 100 };

let folder: string;
let simulator: Simulator;
let sink: OtlpSink;
let collector: Collector;
let router: SwitchyardProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-collector-"));
  simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
  sink = await startOtlpSink();
  collector = await startCollector("examples/exporting/collector.yaml", sink.url);
  const target = { endpoint: simulator.url };
  await writeFile(
    join(folder, "a.yaml"),
    yamlOf([
      backendOf("micro", { target }),
      backendOf("lite", { target }),
      routeOf("one", ["micro", "lite"]),
    ]),
  );
  router = new SwitchyardProcess(
    ["router", "--config", folder, "--host", "127.0.0.1", "--port", "0", "--admin-port", "0"],
    {
      SWITCHYARD_ADMIN_HOST: "127.0.0.1",
      AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_RESOURCE_ATTRIBUTES: "k8s.namespace.name=models,k8s.pod.name=router-1",
    },
  );
}, resolveLimitMs);

afterAll(async () => {
  await router.kill();
  await collector.stop();
  await sink.close();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

const pointsOf = (name: string): SentPoint[] =>
  sink
    .sentMetrics()
    .filter((metric) => metric.name === name)
    .flatMap(({ sum, histogram, exponentialHistogram }) =>
      [sum, histogram, exponentialHistogram].flatMap((points) => points?.dataPoints ?? []),
    );

const failureOf = (attributes: readonly KeyValue[]): string => {
  const type = plainAttributes(attributes)["error.type"];
  return typeof type === "string" ? type : "none";
};

it("brings spans, metrics and judgements of answers to the back end, a fallback among them", async () => {
  const url = await router.addressOf("API");
  const ask = async () => {
    const got = await send({ url }, { body: chatOf("one", "repeat: hello", { stream: true }) });
    expect(got.status).toBe(200);
    return got.requestId;
  };
  const requestId = await ask();
  const body = { request_id: requestId, correct: true };
  const judged = await send({ url }, { path: "/v1/feedback", body });
  expect(judged.status).toBeLessThan(300);
  simulator.faults.set({ kind: "throttling", model: models.micro });
  await ask();
  // It sends what it still holds before it ends.
  router.signal("SIGTERM");
  const { code, stdout } = await router.ended();
  expect(code).toBe(0);
  const records = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as KeptRecord)
    .filter((record) => record.stream === "request");

  await expect.poll(() => sink.spans().length, pollMs).toBe(3 + 4);
  const trees = records.map(({ trace_id: traceId }) =>
    sink
      .spans()
      .filter((span) => span.traceId === traceId)
      .map(({ name, attributes }) => `${name}: ${failureOf(attributes)}`)
      .toSorted((left, right) => left.localeCompare(right)),
  );
  expect(trees).toEqual([
    [`chat ${models.micro}: none`, "POST /v1/chat/completions: none", "switchyard.route: none"],
    [
      `chat ${models.lite}: none`,
      `chat ${models.micro}: throttled`,
      "POST /v1/chat/completions: none",
      "switchyard.route: none",
    ],
  ]);

  await expect.poll(() => pointsOf("switchyard.requests"), pollMs).toHaveLength(1);
  const [requests] = pointsOf("switchyard.requests");
  expect(Number(requests?.asInt ?? requests?.asDouble)).toBe(2);
  expect(plainAttributes(requests?.attributes)).toMatchObject({
    "switchyard.route": "one",
    "switchyard.outcome": "answered",
  });
  const attempts = pointsOf("gen_ai.client.operation.duration");
  expect(attempts.map(({ count }) => Number(count))).toEqual([1, 1, 1]);
  expect(attempts.every(({ positive }) => positive !== undefined)).toBe(true);
  for (const resource of sink.resources()) {
    expect(plainAttributes(resource)).toMatchObject({
      "service.name": "switchyard-router",
      "k8s.namespace.name": "models",
      "k8s.pod.name": "router-1",
    });
  }
  await expect
    .poll(() => sink.events().map(({ eventName }) => eventName), pollMs)
    .toEqual(["gen_ai.evaluation.result"]);
  expect(await collector.lastWords()).toMatch(/\binfo\b.*Metrics.*"data points": \d+/);
});
