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
  /** What is being asked so that routes get a plan, by the name of the route. */
  asked?: ReadonlyMap<string, { name: string; items: readonly unknown[] }> | undefined;
}

/** What runs where, and what to try first. */
export function banner(running: Running): string {
  const { table } = running;
  const lines = [
    `Switchyard ${running.version} serves ${counted(table.routes, "route")} over ${counted(table.backends, "backend")} from ${running.folder}`,
    "",
    `  API         ${running.url}/v1  (OpenAI-compatible)`,
    `  console     ${running.adminUrl}/console  (what is wrong now, and every route, backend and request)`,
    `  admin       ${running.adminUrl}  (/readyz /metrics /table /explain)`,
  ];
  if (running.simulatorUrl !== undefined) {
    lines.push(
      `  simulators  ${running.simulatorUrl}  (Bedrock and SageMaker, for backends without an endpoint)`,
    );
  }
  lines.push(`  records     ${running.recordFolder}`, "", ...modelLines(running));
  return [...lines, "", ...tries(running), ""].join("\n");
}

function counted(entries: Readonly<Record<string, unknown>>, noun: string): string {
  const count = Object.keys(entries).length;
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function modelLines(running: Running): string[] {
  const { table } = running;
  const width = Math.max(
    ...Object.values(table.routes).flatMap(({ models }) => models.map((name) => name.length)),
    0,
  );
  return Object.values(table.routes).flatMap((route) =>
    route.models.map((model) => {
      const access = route.access === "Anonymous" ? "no key needed" : "needs a tenant's key";
      return `  model ${model.padEnd(width)}  ${access}; ${choiceText(route)}${certificateText(route, running)}`;
    }),
  );
}

function choiceText({ selection, candidates }: RouteEntry): string {
  return `${selection}: ${candidates.map(({ backend }) => backend).join(", ")}`;
}

/** A newcomer would wonder why nothing is saved where no certificate is there yet. */
function certificateText(
  { name, selection, quality, baseline }: RouteEntry,
  { table, asked }: Running,
): string {
  if (selection !== "CheapestWithinEnvelope" || quality.assurance !== "Certified") return "";
  const certificate = table.plans[name]?.current?.certificate ?? null;
  if (certificate !== null) {
    return `; Certified by a plan until ${new Date(certificate.expiresAt).toISOString().slice(0, 10)}`;
  }
  const set = asked?.get(name);
  if (set === undefined) return `; Certified, so ${baseline} comes first`;
  return `; Certified: ${baseline} serves until its plan is certified (asking ${set.items.length} questions of golden set ${set.name})`;
}

function tries({ url, simulatorUrl, table }: Running): string[] {
  const open = Object.values(table.routes).find(
    ({ access, type }) => access === "Anonymous" && type === "Chat",
  );
  const model = open?.models[0];
  if (open === undefined || model === undefined) {
    return ["Every route wants a tenant's key: send it as a bearer token."];
  }
  const ask = (text: string, flags = "-s", more: object = {}) => {
    const body = JSON.stringify({ model, ...more, messages: [{ role: "user", content: text }] });
    return `curl ${flags} ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`;
  };
  const lines = [
    "Try an answer:",
    `  ${ask("What is 17 * 23?")}`,
    "a stream:",
    `  ${ask("Tell me about switchyards", "-sN", { stream: true })}`,
  ];
  if (simulatorUrl !== undefined && isAllSimulated(open, table)) {
    lines.push(
      "a fault with its fallback (the first model that is called is throttled once; the headers tell):",
      `  ${throttleOnce(simulatorUrl)} && ${ask("Are you there?", "-si")}`,
    );
  }
  return lines;
}

/** Of any model, since which one is called first is the route's to choose. */
function throttleOnce(simulatorUrl: string): string {
  const fault = { model: "*", kind: "throttling", count: 1 };
  return `curl -s ${simulatorUrl}/_control/faults -d '${JSON.stringify(fault)}'`;
}

/** Whether the simulators play whichever candidate comes first, and another that can take over. */
function isAllSimulated({ candidates }: RouteEntry, { backends }: RoutingTable): boolean {
  return candidates.length > 1 && candidates.every(({ backend }) => isSimulated(backends[backend]));
}

function isSimulated(backend: BackendEntry | undefined): boolean {
  if (backend === undefined || backend.target.endpoint !== undefined) return false;
  const { target } = backend;
  const model = target.type === "Bedrock" ? target.modelId : target.endpointName;
  return findModel(simulatedModels, target.type.toLowerCase(), model) !== undefined;
}
