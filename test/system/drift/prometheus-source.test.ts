import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  countOf,
  type HistogramSource,
  prometheusClient,
  prometheusSource,
  type SourceScope,
} from "../../../src/drift/index.ts";
import {
  describeHistogramSource,
  type SourceMaker,
} from "../../support/drift/histogram-source-contract.ts";
import { type PlantedTraffic, plantTraffic, scope } from "../../support/drift/planted-traffic.ts";
import {
  metricsLines,
  type Moment,
  otlpRequests,
  playTraffic,
} from "../../support/drift/routers-metrics.ts";
import {
  type PrometheusServer,
  startPrometheus,
} from "../../support/prometheus/prometheus-server.ts";
import { prometheusBinaries, prometheusBuildLimitMs } from "../../support/prometheus/promtool.ts";

beforeAll(async () => {
  await prometheusBinaries();
}, prometheusBuildLimitMs);

const endings: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of endings) await end();
});

async function start(
  moments: Iterable<Moment>,
  otlp: Iterable<Moment> = [],
): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), "switchyard-prometheus-source-"));
  endings.push(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "history.txt");
  const lines = async function* () {
    yield* metricsLines(moments);
    yield "# EOF\n";
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
  const server = await startPrometheus({ backfill: [file], otlp: true, outOfOrder: "31d" });
  endings.push(() => server.stop());
  for (const moment of otlp) for (const body of otlpRequests(moment)) await push(server.url, body);
  return server;
}

async function push(url: string, body: unknown): Promise<void> {
  const answer = await fetch(`${url}/api/v1/otlp/v1/metrics`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`OTLP was refused: ${answer.status} ${await answer.text()}`);
}

function sourceAt(url: string, ofScope: SourceScope, timeoutMs = 30_000): HistogramSource {
  const client = prometheusClient({ url, timeoutMs, mostBytes: 4_000_000 });
  const match = { namespace: "shop", switchyard_class: "default" };
  return prometheusSource({ client, scope: ofScope, match, boundMs: timeoutMs });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  endings.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (status: number, body: string) => async () =>
  sourceAt(
    await listen(
      createServer((request, response) => {
        request.resume();
        response.writeHead(status, { "content-type": "application/json" }).end(body);
      }),
    ),
    scope,
    500,
  );
const silent = (timeoutMs: number) => async () =>
  sourceAt(await listen(createServer(() => {})), scope, timeoutMs);

const failing: SourceMaker["failing"] = {
  unreachable: async () => sourceAt("http://127.0.0.1:1", scope, 500),
  silent: silent(500),
  overloaded: answering(503, "try later"),
  forbidden: answering(403, `{"message":"User is not authorized to perform aps:QueryMetrics"}`),
  "no Prometheus": answering(200, "<html>Welcome</html>"),
  lying: answering(200, `{"status":"success","data":{"resultType":"scalar","result":[0,"1"]}}`),
  "without end": answering(200, "x".repeat(5_000_000)),
  refusing: answering(422, `{"status":"error","errorType":"execution","error":"too many samples"}`),
};

function maker(startWith: (planted: PlantedTraffic) => Promise<PrometheusServer>): SourceMaker {
  let url = "";
  return {
    open: async (planted, ofScope) => {
      ({ url } = await startWith(planted));
      return sourceAt(url, ofScope);
    },
    reopen: async (ofScope) => sourceAt(url, ofScope),
    failing,
    waiting: silent(60_000),
  };
}

/** `increase` estimates what lies between two samples, here of five minutes. */
const estimated = {
  tolerance: 0.03,
  labels: "counted",
  sharesOfAllAlone: ["fallback"],
} as const;

describeHistogramSource(
  "A Prometheus with classic histograms",
  maker((planted) => start(playTraffic(planted))),
  estimated,
);
describeHistogramSource(
  "A Prometheus with native histograms",
  maker((planted) => start([], playTraffic(planted))),
  estimated,
);

describe("a Prometheus whose routers changed from classic to native histograms", () => {
  it("gives each window in the form that holds more of it", async () => {
    const planted = plantTraffic(Math.floor(Date.now() / 3_600_000) * 3_600_000);
    const change = planted.windows[4]?.from ?? 0;
    const server = await start(
      playTraffic(planted).filter(({ at }) => at <= change),
      playTraffic(planted).filter(({ at }) => at > change),
    );
    const source = sourceAt(server.url, scope);
    const found = await source.distributions(planted.windows, new AbortController().signal);
    const latency = found.ok
      ? found.value.find(
          ({ key, signal }) =>
            signal === "latency" && key.backend === "lite" && key.tenant === null,
        )
      : undefined;
    const shapes = latency?.windows.map((each) =>
      each === null ? null : [Math.round(countOf(each) / 41.4), each.bounds.includes(0.64)],
    );
    const classic = [10, true];
    const native = [10, false];
    expect(shapes).toEqual([classic, classic, null, classic, native, native]);
    await source.close();
  });
});
