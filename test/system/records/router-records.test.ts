// A router that keeps its records in a bucket, seen from outside: whatever becomes of the bucket, whoever calls
// the router must not notice.
import { createServer, type Server } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { readRecords, s3Store, type RequestRecord } from "../../../src/records/index.ts";
import { startSimulator, type Simulator } from "../../../src/simulators/index.ts";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import {
  type ObjectStoreServer,
  startObjectStore,
} from "../../support/object-store/object-store-server.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send } from "../../support/send.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

let folder: string;
let simulator: Simulator;
let server: ObjectStoreServer;
let prefixes = 0;
const running: SwitchyardProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-router-records-"));
  simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
  server = await startObjectStore(simulator.credentials);
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
  const target = { endpoint: simulator.url };
  await writeFile(
    join(folder, "a.yaml"),
    yamlOf([backendOf("micro", { target }), routeOf("one", ["micro"])]),
  );
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.kill()));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

const nextPlace = () => `s3://${server.bucket}/router-${(prefixes += 1)}`;

async function startRouter(place: string, changes: Record<string, string> = {}) {
  const ports = ["--port", "0", "--admin-port", "0"];
  const process = new SwitchyardProcess(
    ["router", "--config", folder, "--host", "127.0.0.1", ...ports],
    {
      ...server.environment,
      SWITCHYARD_ADMIN_HOST: "127.0.0.1",
      SWITCHYARD_RECORDS: "none",
      SWITCHYARD_RECORD_S3: place,
      ...changes,
    },
  );
  running.push(process);
  return { process, url: await process.addressOf("API") };
}

/** Asks so often, one after the other; every answer must be one. */
async function ask(url: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const got = await send({ url }, { body: chatOf("one", "repeat: hello") });
    expect(got.status).toBe(200);
    ids.push(got.requestId);
  }
  return ids;
}

async function kept(place: string): Promise<RequestRecord[]> {
  const { bucket, region, endpoint } = server;
  const prefix = `${place.slice(`s3://${bucket}/`.length)}/`;
  return Array.fromAsync(readRecords(await s3Store({ bucket, prefix, region, endpoint })));
}

const idsOf = (records: readonly RequestRecord[]) =>
  records.map(({ request_id: id }) => id).toSorted();

async function endOf(process: SwitchyardProcess) {
  process.signal("SIGTERM");
  return process.ended();
}

describe("a router with a bucket for its records", () => {
  it("has written every record when it has ended, and costs reads them there", async () => {
    const place = nextPlace();
    const { process, url } = await startRouter(place);
    const ids = await ask(url, 20);
    const { code, stdout, stderr } = await endOf(process);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).not.toContain('"level":"error"');
    expect(idsOf(await kept(place))).toEqual(ids.toSorted());
    const words = ["costs", "--by", "route", "--format", "json", "--records", place];
    const { stdout: json } = await new SwitchyardProcess(words, server.environment).ended();
    expect(JSON.parse(json)).toMatchObject({ total: { requests: 20 }, unread: 0 });
  });

  it("shares it with others: no record of either is lost", async () => {
    const place = nextPlace();
    const routers = await Promise.all([startRouter(place), startRouter(place)]);
    const ids = await Promise.all(routers.map(({ url }) => ask(url, 5)));
    await Promise.all(routers.map(({ process }) => endOf(process)));
    expect(idsOf(await kept(place))).toEqual(ids.flat().toSorted());
  });

  it("serves on while the store is down, and has lost nothing when it is back", async () => {
    const place = nextPlace();
    const { process, url } = await startRouter(place, { SWITCHYARD_RECORD_S3_FLUSH_MS: "50" });
    await server.kill();
    const ids = await ask(url, 10);
    await process.prints(/Writing records to s3.* failed/, "stderr");
    await server.restart();
    await expect
      .poll(async () => idsOf(await kept(place)), { timeout: 60_000, interval: 500 })
      .toEqual(ids.toSorted());
    expect((await endOf(process)).code).toBe(0);
  });

  it("serves on while the store takes connections and answers none", async () => {
    const place = nextPlace();
    const { process, url } = await startRouter(place, { SWITCHYARD_RECORD_S3_FLUSH_MS: "50" });
    const ids = await ask(url, 2);
    server.freeze();
    ids.push(...(await ask(url, 10)));
    server.thaw();
    const { code } = await endOf(process);
    expect([code, idsOf(await kept(place))]).toEqual([0, ids.toSorted()]);
  });
});

describe("a bucket that never takes a record", () => {
  let broken: Server;
  let endpoint: string;

  beforeAll(async () => {
    broken = createServer((_request, response) => {
      response.writeHead(500).end();
    });
    await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
  });

  afterAll(() => broken.close());

  it.each([
    { what: "fails", changes: () => ({ SWITCHYARD_RECORD_S3_ENDPOINT: endpoint }) },
    {
      what: "is nowhere",
      changes: () => ({ SWITCHYARD_RECORD_S3_ENDPOINT: "http://127.0.0.1:9" }),
    },
    { what: "does not exist", changes: () => ({ SWITCHYARD_RECORD_S3: "s3://no-such-bucket" }) },
    {
      what: "is of another region",
      changes: () => ({ SWITCHYARD_RECORD_S3_REGION: "ap-southeast-2" }),
    },
  ])("costs no request where it $what, and the router says so and ends", async ({ changes }) => {
    const { process, url } = await startRouter(nextPlace(), {
      SWITCHYARD_RECORD_S3_FLUSH_MS: "50",
      ...changes(),
    });
    await ask(url, 10);
    await process.prints(/Writing records to s3.* failed/, "stderr");
    await ask(url, 10);
    const { code, stderr } = await endOf(process);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/"count":20,"message":"Records were given up/),
    ]);
  });

  it("is refused at the start where its address is none", async () => {
    const process = new SwitchyardProcess(["router", "--config", folder], {
      SWITCHYARD_RECORD_S3: "records",
    });
    const { code, stderr } = await process.ended();
    expect([code, stderr]).toEqual([2, expect.stringContaining("write s3://BUCKET")]);
  });
});
