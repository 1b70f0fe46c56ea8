import { findModel, simulatedModels } from "../simulators/index.ts";
import type { BackendEntry, RouteEntry, RoutingTable } from "../table/index.ts";

export interface Running {
  version: string;
  folder: string;
  recordFolder: string;
  url: string;
  adminUrl: string;
  /** Of the simulators; absent where every backend names an endpoint. */
  simulatorUrl?: string;
  table: RoutingTable;
}

/** What runs where, and what to try first. */
export function banner(running: Running): string {
  const { table } = running;
  const lines = [
    `Switchyard ${running.version} serves ${counted(table.routes, "route")} over ${counted(table.backends, "backend")} from ${running.folder}`,
    "",
    `  API         ${running.url}/v1  (OpenAI-compatible)`,
    `  admin       ${running.adminUrl}  (/readyz /metrics /table)`,
  ];
  if (running.simulatorUrl !== undefined) {
    lines.push(
      `  simulators  ${running.simulatorUrl}  (Bedrock and SageMaker, for backends without an endpoint)`,
    );
  }
  lines.push(`  records     ${running.recordFolder}`, "", ...modelLines(table));
  return [...lines, "", ...tries(running), ""].join("\n");
}

function counted(entries: Readonly<Record<string, unknown>>, noun: string): string {
  const count = Object.keys(entries).length;
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function modelLines(table: RoutingTable): string[] {
  const width = Math.max(
    ...Object.values(table.routes).flatMap(({ models }) => models.map((name) => name.length)),
    0,
  );
  return Object.values(table.routes).flatMap((route) =>
    route.models.map((model) => {
      const access = route.access === "Anonymous" ? "no key needed" : "needs a tenant's key";
      const backends = route.candidates.map(({ backend }) => backend).join(", ");
      return `  model ${model.padEnd(width)}  ${access}; ${route.selection}: ${backends}`;
    }),
  );
}

function tries({ url, simulatorUrl, table }: Running): string[] {
  const open = Object.values(table.routes).find(
    ({ access, type }) => access === "Anonymous" && type === "Chat",
  );
  const model = open?.models[0];
  if (open === undefined || model === undefined) {
    return ["Every route wants a tenant's key: send it as a bearer token."];
  }
  const ask = (text: string, more: object = {}) => {
    const body = JSON.stringify({ model, ...more, messages: [{ role: "user", content: text }] });
    return `curl -s${"stream" in more ? "N" : ""} ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`;
  };
  const lines = [
    "Try an answer:",
    `  ${ask("What is 17 * 23?")}`,
    "a stream:",
    `  ${ask("Tell me about switchyards", { stream: true })}`,
  ];
  const fault = simulatorUrl === undefined ? undefined : faultCommand(simulatorUrl, open, table);
  if (fault !== undefined) {
    lines.push(
      "a fault with its fallback (the cheapest model is throttled once):",
      `  ${fault} && ${ask("Are you there?")}`,
    );
  }
  return lines;
}

/** Throttles the candidate that a plain question would go to: the cheapest that the simulators play. */
function faultCommand(
  simulatorUrl: string,
  route: RouteEntry,
  table: RoutingTable,
): string | undefined {
  const simulated = route.candidates
    .flatMap(({ backend }) => table.backends[backend] ?? [])
    .filter((backend) => backend.target.endpoint === undefined && isSimulated(backend))
    .toSorted((left, right) => priceOf(left) - priceOf(right));
  const [cheapest] = simulated;
  if (cheapest === undefined || simulated.length < 2) return undefined;
  const fault = { model: modelOf(cheapest), kind: "throttling", count: 1 };
  return `curl -s ${simulatorUrl}/_control/faults -d '${JSON.stringify(fault)}'`;
}

const modelOf = ({ target }: BackendEntry): string =>
  target.type === "Bedrock" ? target.modelId : target.endpointName;

const priceOf = ({ prices }: BackendEntry): number =>
  prices.tokens?.output ?? Number.POSITIVE_INFINITY;

const isSimulated = (backend: BackendEntry): boolean =>
  findModel(simulatedModels, backend.target.type.toLowerCase(), modelOf(backend)) !== undefined;
