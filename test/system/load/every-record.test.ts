// Every request leaves its record, once, wherever records go: from routers that come and go, while models fail in
// every way, clients leave, the store of records is killed and nobody reads the output.
// SWITCHYARD_SOAK=true makes it 100,000 requests.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { s3Store } from "../../../src/records/index.ts";
import { startSimulator, type Simulator } from "../../../src/simulators/index.ts";
import { buildBundle } from "../../support/build-bundle.ts";
import { backendOf, models, routeOf, tenantOf } from "../../support/local-resources.ts";
import {
  startObjectStore,
  type ObjectStoreServer,
} from "../../support/object-store/object-store-server.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess, type Ended } from "../../support/switchyard-process.ts";
import { askMany, leavesOneIn, modestKey, type Asked } from "./every-record/asking.ts";
import { lookIntoFolder, lookIntoStore, Sightings } from "./every-record/sightings.ts";
import { allFaults } from "./injected-faults.ts";

const isWhole = process.env["SWITCHYARD_SOAK"] === "true";
const requests = isWhole ? 100_000 : 4_000;
const lanes = 48;
const longestMs = isWhole ? 1_200_000 : 300_000;

const timeouts = { firstToken: "2s", idle: "1s", total: "5s" };
const ill = ["micro", "lite", "container", "tgi"] as const;
const hedge = { afterPercentile: 50, maxSharePercent: 100 };
const words = { words: ["forbidden"], wholeWords: true };
const resources = [
  ...ill.map((name) => backendOf(name, { timeouts })),
  ...(["haiku", "sonnet", "titan"] as const).map((name) => backendOf(name)),
  routeOf("mixed", ["micro", "lite", "haiku"]),
  routeOf("hosted", ["container", "tgi"]),
  routeOf("hedged", ["sonnet", "lite", "haiku"], { fallback: { hedge } }),
  routeOf("vectors", ["titan"], { type: "Embeddings" }),
  routeOf("filtered", ["haiku"], {
    safety: [{ name: "words", type: "WordList", action: "Block", wordList: words }],
  }),
  routeOf("shadowed", ["haiku", "sonnet"], {
    baseline: { name: "sonnet" },
    arms: { shadowPercent: 50, comparison: { type: "Agreement" } },
  }),
  routeOf("modest", ["haiku"], { access: "Tenants" }),
  tenantOf("modest", modestKey, { rateLimits: { requestsPerMinute: 20 } }),
];

let folder: string;
let program: string;
let simulator: Simulator;
let server: ObjectStoreServer;

const tellToStop = (router: SwitchyardProcess): void => router.signal("SIGTERM");

/** What happens halfway through the life of a router. */
const lives: Readonly<Record<string, (router: SwitchyardProcess) => Promise<void> | void>> = {
  "whose store of records is killed": async () => {
    await server.kill();
    await sleep(500);
    await server.restart();
  },
  "whose output nobody reads for a while": async (router) => {
    router.pauseReading();
    await sleep(1_500);
    router.resumeReading();
  },
  "that is told to stop amid its work": tellToStop,
};

const asked: Asked = { ids: [], unsure: 0 };
const ends: Ended[] = [];
const seen = { stdout: new Sightings(), folder: new Sightings(), store: new Sightings() };

async function startRouter(): Promise<SwitchyardProcess> {
  const folders = ["--config", join(folder, "config"), "--record", join(folder, "records")];
  const ports = ["--host", "127.0.0.1", "--port", "0", "--admin-host", "127.0.0.1"];
  return new SwitchyardProcess(
    ["router", ...folders, ...ports, "--admin-port", "0"],
    {
      ...server.environment,
      AWS_ENDPOINT_URL: simulator.url,
      SWITCHYARD_RECORDS: "stdout",
      SWITCHYARD_RECORD_S3: `s3://${server.bucket}/every`,
      SWITCHYARD_RECORD_S3_FLUSH_MS: "500",
    },
    program,
  );
}

async function live(halfway: (typeof lives)[string], count: number): Promise<void> {
  const router = await startRouter();
  try {
    const url = await router.addressOf("API");
    let happening: unknown;
    const { ids, unsure } = await askMany(
      url,
      { count, lanes, from: asked.ids.length },
      (index) => {
        if (index === Math.floor(count / 2)) happening = halfway(router);
      },
    );
    await Promise.resolve(happening);
    asked.ids.push(...ids);
    asked.unsure += unsure;
    // A second signal would end it at once, with requests under way.
    if (halfway !== tellToStop) tellToStop(router);
    const { code, stdout, stderr } = await router.ended();
    ends.push({ code, stdout: "", stderr });
    for (const line of stdout.split("\n")) if (line !== "") seen.stdout.add(line);
  } finally {
    await router.kill();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-every-record-"));
  program = await buildBundle(folder);
  simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
  for (const fault of allFaults)
    for (const name of ill) simulator.faults.set({ ...fault, model: models[name] });
  server = await startObjectStore(simulator.credentials);
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
  await mkdir(join(folder, "config"));
  await writeFile(join(folder, "config", "resources.yaml"), yamlOf(resources));
  const startedAt = performance.now();
  for (const halfway of Object.values(lives)) await live(halfway, requests / 4);
  const missing = Math.max(0, requests - asked.ids.length);
  // Some leave, and a router that stops turns others away: so many more are asked that all are answered.
  await live(() => undefined, Math.ceil((missing * leavesOneIn) / (leavesOneIn - 1)) + lanes);
  const seconds = (performance.now() - startedAt) / 1_000;
  await lookIntoFolder(join(folder, "records"), seen.folder);
  const { bucket, region, endpoint } = server;
  const store = await s3Store({ bucket, prefix: "every/", region, endpoint });
  await lookIntoStore(store, seen.store);
  store.close();
  if (isWhole) process.stdout.write(`${JSON.stringify({ seconds, ...figures() })}\n`);
}, longestMs);

afterAll(async () => {
  vi.unstubAllEnvs();
  await server?.stop();
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
});

const figures = () => ({
  asked: asked.ids.length + asked.unsure,
  answered: asked.ids.length,
  records: Object.fromEntries(
    Object.entries(seen).map(([place, { requests: ofRequests }]) => [place, ofRequests.size]),
  ),
  sorts: seen.stdout.sorts,
  others: seen.stdout.others.size,
});

const places = Object.entries(seen);

describe("requests by the thousand, under faults", () => {
  it("are of every sort that leaves another record", () => {
    expect(asked.ids.length).toBeGreaterThanOrEqual(requests);
    expect(Object.entries(seen.stdout.sorts).filter(([, count]) => count === 0)).toEqual([]);
    expect(new Set([...seen.stdout.others.keys()].map((key) => key.split(/[:\s]/)[0]))).toContain(
      "shadow",
    );
  });

  it.each(places)(
    "each have a record that is valid against its schema (%s)",
    (_place, { invalid }) => {
      expect(invalid).toEqual([]);
    },
  );

  it.each(places)(
    "each have their record once, if their client was answered (%s)",
    (_place, at) => {
      expect(asked.ids.filter((id) => at.requests.get(id) !== 1)).toEqual([]);
      expect(at.repeated).toEqual([]);
      // Who left early may have been heard or not; nobody else has a record.
      const unanswered = at.requests.size - (at.sorts["measured"] ?? 0) - asked.ids.length;
      expect(unanswered).toBeGreaterThan(0);
      expect(unanswered).toBeLessThanOrEqual(asked.unsure);
    },
  );

  it("have the same records wherever these go", () => {
    const idsOf = ({ requests: ofRequests, others }: Sightings): Set<string> =>
      new Set([...ofRequests.keys(), ...others.keys()]);
    expect(idsOf(seen.folder)).toEqual(idsOf(seen.stdout));
    expect(idsOf(seen.store)).toEqual(idsOf(seen.stdout));
  });

  it("let every router end by itself, and none has given up a record", () => {
    expect(ends.map(({ code }) => code)).toEqual(ends.map(() => 0));
    for (const { stderr } of ends) expect(stderr).not.toMatch(/given up|too slow|sink was closed/);
  });
});
