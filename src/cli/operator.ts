import { hostname } from "node:os";
import { createServer, type Server, type ServerResponse } from "node:http";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { systemClock } from "../lib/index.ts";
import { connect } from "../kube/index.ts";
import { operatorConfig, startOperator, type OperatorConfig } from "../operator/index.ts";
import { makeLog } from "../telemetry/index.ts";
import { clusterEndpoint } from "./cluster-endpoint.ts";
import type { Command } from "./command.ts";
import { readEnvironment } from "./environment.ts";
import { portRange, readFlags, refuseWords, wholeNumber } from "./flags.ts";
import { inspectPacked } from "./model-map.ts";
import { untilStopped } from "./until-stopped.ts";
import { UsageError } from "./usage-error.ts";

const help = `switchyard operator [flags]: compiles the resources of a cluster and keeps routers for them

  --config FILE        the operator's configuration: image, classes  (SWITCHYARD_OPERATOR_CONFIG)
  --kubeconfig FILE    for running outside of the cluster            (SWITCHYARD_KUBECONFIG)
  --namespace NAME     the operator's own                            (POD_NAMESPACE; switchyard-system)
  --admin-host HOST    where /livez, /readyz and /metrics listen     (SWITCHYARD_ADMIN_HOST; 0.0.0.0)
  --admin-port N       and the port                                  (SWITCHYARD_ADMIN_PORT; 8081)

Further settings: SWITCHYARD_LOG_LEVEL, and SWITCHYARD_SERVICE_ACCOUNT_DIR (token and ca.crt, for trying
outside a pod what a pod does)`;

const options = {
  config: { type: "string" },
  kubeconfig: { type: "string" },
  namespace: { type: "string" },
  "admin-host": { type: "string" },
  "admin-port": { type: "string" },
} as const;

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const environment = readEnvironment(process.env);
  const config = await readConfig(values.config ?? environment.SWITCHYARD_OPERATOR_CONFIG);
  const connection = connect(await clusterEndpoint(values.kubeconfig, environment));
  const log = makeLog({ level: environment.SWITCHYARD_LOG_LEVEL });
  const stopped = untilStopped();
  const operator = await startOperator({
    connection,
    config,
    namespace: values.namespace ?? environment.POD_NAMESPACE ?? "switchyard-system",
    identity: environment.POD_NAME ?? `${hostname()}-${process.pid}`,
    clock: systemClock,
    random: Math.random,
    log,
    inspectModel: inspectPacked,
  });
  const port = wholeNumber("admin-port", values["admin-port"], portRange);
  const health = await serveHealth(
    values["admin-host"] ?? environment.SWITCHYARD_ADMIN_HOST ?? "0.0.0.0",
    port ?? environment.SWITCHYARD_ADMIN_PORT ?? 8081,
    operator,
  );
  const why = await Promise.race([stopped, operator.whenLost.then(() => "lost" as const)]);
  log.info("Stopping", { reason: why });
  await operator.stop();
  health.close();
  health.closeAllConnections();
  await connection.close();
  // Whoever has lost the lease must not go on as if it led: the kubelet starts the process afresh.
  return why === "lost" ? 1 : 0;
}

/** @throws UsageError naming every field that is wrong */
async function readConfig(file: string | undefined): Promise<OperatorConfig> {
  if (file === undefined) throw new UsageError("Say where the configuration is: --config FILE");
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${String(error)}`);
  });
  const parsed = operatorConfig.safeParse(parseYaml(file, text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new UsageError(`${file} is not right:\n${problems.join("\n")}`);
}

function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(
      `${file} is not YAML: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

interface Health {
  isReady(): boolean;
  metricsText(): Promise<string>;
}

function serveHealth(host: string, port: number, operator: Health): Promise<Server> {
  const answer = async (url: string, response: ServerResponse): Promise<void> => {
    const { status, body } = await healthAnswer(url, operator);
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(body);
  };
  const server = createServer((request, response) => void answer(request.url ?? "/", response));
  server.requestTimeout = 10_000;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

async function healthAnswer(url: string, operator: Health) {
  if (url === "/livez") return { status: 200, body: "alive\n" };
  if (url === "/metrics") return { status: 200, body: await operator.metricsText() };
  if (url !== "/readyz") return { status: 404, body: "There are /livez, /readyz and /metrics\n" };
  const ready = operator.isReady();
  return { status: ready ? 200 : 503, body: ready ? "ready\n" : "reading the cluster\n" };
}

export const operator: Command = { help, run };
