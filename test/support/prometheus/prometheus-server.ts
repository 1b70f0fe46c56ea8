// A real Prometheus on loopback for tests: with history from before its start, rules, and receivers of
// what is pushed, and gone with its test however that ends.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { freePort } from "../kube/free-port.ts";
import { GuardedProcesses, type GuardedProcess } from "../kube/guarded-processes.ts";
import { PrometheusClient } from "./prometheus-client.ts";
import { promtool, prometheusBinaries } from "./promtool.ts";

export interface ScrapeJob {
  job: string;
  /** HOST:PORT each. */
  targets: readonly string[];
  /** May be a fraction; absent: 1. */
  intervalSeconds?: number;
  /** Absent: /metrics. */
  path?: string;
  /** Put on every series of the job. */
  labels?: Readonly<Record<string, string>>;
}

export interface PrometheusChoices {
  /** Where it listens; absent: on loopback alone. */
  host?: string;
  scrape?: readonly ScrapeJob[];
  ruleFiles?: readonly string[];
  /** How often rules are evaluated whose group says nothing; may be a fraction; absent: 1. */
  evaluationSeconds?: number;
  /** Takes native histograms where a target offers them in place of classic ones. */
  nativeHistograms?: boolean;
  /** Receives OTLP at /api/v1/otlp/v1/metrics; exponential histograms become native ones, names get their units. */
  otlp?: boolean;
  /** Receives Prometheus' remote write at /api/v1/write. */
  remoteWrite?: boolean;
  /** Takes pushed samples that are as old as this, in any order, as in "31d"; absent: an hour at most. */
  outOfOrder?: string;
  /** As in "60d"; absent: 15 days. What is backfilled must not be older. */
  retention?: string;
  /** Files in OpenMetrics' text format with timestamps in seconds, `# EOF` at the end; classic histograms only. */
  backfill?: readonly string[];
  /** How much of it goes into one block, as in "24h"; absent: 2h, which takes long of many days. */
  block?: string;
}

export class PrometheusServer extends PrometheusClient {
  readonly #processes: GuardedProcesses;

  constructor(url: string, processes: GuardedProcesses) {
    super(url);
    this.#processes = processes;
  }

  stop(): Promise<void> {
    return this.#processes.end();
  }
}

const startMs = 30_000;

/** @throws Error with its last words where it does not start, promtool's where history is malformed */
export async function startPrometheus(choices: PrometheusChoices = {}): Promise<PrometheusServer> {
  const { prometheus } = await prometheusBinaries();
  const port = await freePort();
  const address = `${choices.host ?? "127.0.0.1"}:${port}`;
  const url = `http://${address}`;
  const processes = await GuardedProcesses.open("prometheus");
  try {
    const data = join(processes.folder, "data");
    await mkdir(data);
    for (const file of choices.backfill ?? [])
      await promtool(
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        file,
        data,
        ...(choices.block === undefined ? [] : [`--max-block-duration=${choices.block}`]),
      );
    const config = join(processes.folder, "prometheus.yml");
    await writeFile(config, configOf(choices));
    const running = processes.start("prometheus", prometheus, [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=${address}`,
      "--web.enable-lifecycle",
      ...(choices.otlp === true ? ["--web.enable-otlp-receiver"] : []),
      ...(choices.remoteWrite === true ? ["--web.enable-remote-write-receiver"] : []),
    ]);
    await untilReady(url, running);
    return new PrometheusServer(url, processes);
  } catch (error) {
    await processes.end();
    throw error;
  }
}

const milliseconds = (seconds: number): string => `${Math.round(seconds * 1_000)}ms`;

function configOf(choices: PrometheusChoices): string {
  return stringify({
    global: {
      evaluation_interval: milliseconds(choices.evaluationSeconds ?? 1),
      scrape_native_histograms: choices.nativeHistograms === true,
    },
    ...(choices.ruleFiles && { rule_files: choices.ruleFiles }),
    storage: {
      tsdb: {
        out_of_order_time_window: choices.outOfOrder ?? "0s",
        retention: { time: choices.retention ?? "15d" },
      },
    },
    scrape_configs: (choices.scrape ?? []).map((each) => ({
      job_name: each.job,
      scrape_interval: milliseconds(each.intervalSeconds ?? 1),
      scrape_timeout: milliseconds(each.intervalSeconds ?? 1),
      metrics_path: each.path ?? "/metrics",
      static_configs: [{ targets: each.targets, labels: each.labels ?? {} }],
    })),
  });
}

async function untilReady(url: string, running: GuardedProcess): Promise<void> {
  const giveUpAt = Date.now() + startMs;
  while (Date.now() < giveUpAt) {
    await running.assertRunning();
    const signal = AbortSignal.timeout(1_000);
    const answer = await fetch(`${url}/-/ready`, { signal }).catch(() => null);
    if (answer?.status === 200) return;
    await sleep(20);
  }
  throw new Error(`Prometheus was not ready within ${startMs} ms:\n${await running.lastWords()}`);
}
