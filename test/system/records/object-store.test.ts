import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readRecords, s3Sink, s3Store } from "../../../src/records/index.ts";
import { makeRecord } from "../../support/observations.ts";
import {
  type ObjectStoreServer,
  startObjectStore,
  storeCredentials,
} from "../../support/object-store/object-store-server.ts";
import { recordStoreContract } from "../../support/records/record-store-contract.ts";

let server: ObjectStoreServer;
let client: S3Client;
let places = 0;

beforeAll(async () => {
  server = await startObjectStore();
  // The SDK's own way to credentials is what is to work.
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
  const { endpoint, region } = server;
  client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: storeCredentials });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  client?.destroy();
  await server?.stop();
});

const nextPrefix = () => `place-${(places += 1)}/`;

const open = (prefix: string) => {
  const { bucket, region, endpoint } = server;
  return s3Store({ bucket, prefix, region, endpoint });
};

describe("a real S3-compatible store", () => {
  recordStoreContract(async () => {
    const prefix = nextPrefix();
    const stores = await Promise.all([open(prefix), open(prefix)]);
    const [store, written] = stores;
    return {
      store,
      // A sink closes its store when it is closed.
      makeSink: (instance) => s3Sink({ ...written, close: () => {} }, { instance }),
      put: async (path, bytes) => {
        const { bucket: Bucket } = server;
        await client.send(new PutObjectCommand({ Bucket, Key: `${prefix}${path}`, Body: bytes }));
      },
    };
  });

  it("is read whole where its list comes in pages", async () => {
    const prefix = nextPrefix();
    const sink = s3Sink(await open(prefix), { drainMs: 60_000 });
    const count = 1_100;
    for (let route = 0; route < count; route += 1) sink.write(makeRecord({ route: `r-${route}` }));
    await sink.close();
    expect(sink.dropped()).toBe(0);
    const routes = new Set<string | null>();
    for await (const { route } of readRecords(await open(prefix))) routes.add(route);
    expect(routes.size).toBe(count);
  });

  it("says who is refused, and its readers take nothing for all", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "of-somebody-else");
    try {
      const reports: string[] = [];
      const sink = s3Sink(await open(nextPrefix()), {
        attempts: 2,
        backoff: { baseMs: 1, ceilingMs: 2 },
        report: (message) => void reports.push(message),
      });
      sink.write(makeRecord());
      await sink.close();
      expect(sink.dropped()).toBe(1);
      expect(reports[0]).toContain("SignatureDoesNotMatch");
      await expect(Array.fromAsync(readRecords(await open(nextPrefix())))).rejects.toThrow(
        /signature/i,
      );
    } finally {
      vi.stubEnv("AWS_SECRET_ACCESS_KEY", storeCredentials.secretAccessKey);
    }
  });
});
