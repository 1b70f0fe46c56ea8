import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReachBackend } from "../../../src/providers/index.ts";
import { simulatedModels, type SimulatedModel } from "../../../src/simulators/index.ts";
import { makeAuthority } from "../../support/kube/certificates.ts";
import { backendOf, models, routeOf, type LocalResource } from "../../support/local-resources.ts";
import { startLocal, type Local } from "../../support/start-local.ts";
import { cellsOf, timeoutsOf, type Cell } from "./cells.ts";
import { expectedOf } from "./expected.ts";
import type { Places } from "./rows.ts";
import { silence } from "./scripts.ts";
import { startMute, startUpstream, type Mute, type Upstream } from "./upstream.ts";
import type { ProviderType } from "./wire.ts";

export type Transport = "Sdk" | "Lean";

/** A router with a route for each cell, and all that its candidates are called at. */
export interface Stage {
  local: Local;
  scripted: Upstream;
  mute: Mute;
  /** To be told that the cell's client has got the first byte of its answer. */
  heard(cell: Cell): void;
  stop(): Promise<void>;
}

export async function openStage(provider: ProviderType, transport: Transport): Promise<Stage> {
  const cells = cellsOf(provider);
  const folder = await mkdtemp(join(tmpdir(), "switchyard-faults-"));
  const firstBytes = new Map(cells.map(({ models: [model] }) => [model, openGate()]));
  const scripted = await startUpstream({
    provider,
    scriptOf: (model) => scriptOf(cells, model),
    heard: async (model) => firstBytes.get(model)?.promise,
  });
  const untrusted = await startUntrusted(provider, folder);
  const silent = await startUpstream({ provider, scriptOf: () => silence });
  const mute = await startMute();
  const places = {
    untrusted: untrusted.url,
    silent: silent.url,
    mute: mute.url,
    // Port 9 discards, where anybody listens on it at all.
    nobody: "http://127.0.0.1:9",
  };
  const local = await startLocal({
    models: [...simulatedModels, ...cells.map((cell) => modelOf(cell, provider))],
    resources: [
      backendOf("lite"),
      ...cells.flatMap((cell, index) => resourcesOf(cell, { index, transport, scripted, places })),
    ],
    reach: (usual) => withoutCredentials(usual, cells, places),
  });
  for (const {
    row,
    models: [model],
  } of cells) {
    const { upstream } = row;
    if (upstream.type === "simulated") local.simulator.faults.set({ model, ...upstream.fault });
  }
  const stop = async () => {
    await local.stop();
    await Promise.all([scripted, untrusted, silent, mute].map(async (each) => each.close()));
    await rm(folder, { recursive: true, force: true });
  };
  const heard = ({ models: [model] }: Cell) => firstBytes.get(model)?.resolve();
  return { local, scripted, mute, heard, stop };
}

const openGate = () => Promise.withResolvers<void>();

function scriptOf(cells: readonly Cell[], model: string) {
  const upstream = cells.find((cell) => cell.models[0] === model)?.row.upstream;
  return upstream?.type === "scripted" ? upstream.script : undefined;
}

async function startUntrusted(provider: ProviderType, folder: string): Promise<Upstream> {
  const authority = await makeAuthority(folder);
  const files = await authority.issue("stranger", {
    commonName: "stranger",
    names: ["IP:127.0.0.1"],
  });
  const tls = { cert: await readFile(files.certificate), key: await readFile(files.key) };
  return startUpstream({ provider, tls, scriptOf: () => undefined });
}

const illModel = { Bedrock: "micro", SageMaker: "container" } as const;

/** Each cell has a model of its own: faults are ordered by it. */
function modelOf({ models: [id] }: Cell, provider: ProviderType): SimulatedModel {
  const like = simulatedModels.find((each) => each.id === models[illModel[provider]]);
  if (like === undefined) throw new Error(`No simulator plays ${provider}`);
  return { ...like, id };
}

interface Setting {
  index: number;
  transport: Transport;
  scripted: Upstream;
  places: Places;
}

function resourcesOf(cell: Cell, setting: Setting): LocalResource[] {
  const first = `${cell.name}-first`;
  const second = cell.everywhere ? `${cell.name}-second` : "lite";
  const ill = [first, ...(cell.everywhere ? [second] : [])].map((name) =>
    illBackend(name, cell, setting),
  );
  return [...ill, routeOf(cell.name, [first, second])];
}

function illBackend(name: string, cell: Cell, setting: Setting): LocalResource {
  const { index, transport } = setting;
  const { firstFailures } = expectedOf(cell);
  const [model] = cell.models;
  const isBedrock = model.startsWith("amazon.");
  const endpoint = endpointOf(cell, setting);
  return backendOf(isBedrock ? "micro" : "container", {
    name,
    timeouts: timeoutsOf(cell, index),
    // The failures of one request are enough: what state they bring the backend to can be seen.
    outlier: { consecutiveFailures: Math.max(1, firstFailures), ejectFor: "60s" },
    target: {
      ...(isBedrock ? { modelId: model } : { endpointName: model }),
      transport,
      ...(endpoint === undefined ? {} : { endpoint }),
    },
  });
}

function endpointOf({ row: { upstream } }: Cell, setting: Setting): string | undefined {
  if (upstream.type === "scripted") return setting.scripted.url;
  return upstream.type === "misplaced" ? upstream.endpoint(setting.places) : undefined;
}

function withoutCredentials(
  usual: ReachBackend,
  cells: readonly Cell[],
  places: Places,
): ReachBackend {
  return (backend) => {
    const [name] = backend.name.split("-", 1);
    const upstream = cells.find((cell) => cell.name === name)?.row.upstream;
    const reached = usual(backend);
    if (upstream?.type !== "unauthorised") return reached;
    return { ...reached, credentials: upstream.credentials(places) };
  };
}
