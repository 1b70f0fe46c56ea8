import { describe, expect, it, vi } from "vitest";
import { AwsClients } from "../../../src/providers/aws-clients.ts";
import { CredentialCell } from "../../../src/providers/aws-credentials.ts";
import type { AwsCredentials, Reach } from "../../../src/providers/index.ts";
import { sdkSettings } from "../../../src/providers/sdk-settings.ts";
import type { BackendEntry } from "../../../src/table/index.ts";
import { bedrockBackend } from "../../support/bedrock-backend.ts";

const credentials: AwsCredentials = { accessKeyId: "a", secretAccessKey: "b" };

function pool(most = 64, reach: Partial<Reach> = {}) {
  const made: { destroy: () => void; settings: object }[] = [];
  const clients = new AwsClients({
    reach: () => ({ credentials: async () => credentials, ...reach }),
    create: (settings) => {
      const client = { destroy: vi.fn(), settings };
      made.push(client);
      return client;
    },
    most,
  });
  return { clients, made };
}

const inRegion = (region: string, more: Partial<BackendEntry> = {}): BackendEntry => ({
  ...bedrockBackend("any.model", { target: { region } }),
  ...more,
});

describe("clients", () => {
  it("are one for backends that differ in nothing that concerns them", () => {
    const { clients, made } = pool();
    clients.lease(inRegion("us-east-1"));
    clients.lease(inRegion("us-east-1", { name: "another", tier: "Small" }));
    expect(made).toHaveLength(1);
  });

  it("are apart by region, endpoint, credentials and connect timeout", () => {
    const { clients, made } = pool();
    const role = { type: "AssumeRole", roleArn: "r", externalId: "x" } as const;
    const { timeouts } = inRegion("us-east-1");
    clients.lease(inRegion("us-east-1"));
    clients.lease(inRegion("eu-west-1"));
    clients.lease(inRegion("us-east-1", { credentials: role }));
    clients.lease(inRegion("us-east-1", { credentials: { ...role, externalId: "y" } }));
    clients.lease(inRegion("us-east-1", { timeouts: { ...timeouts, connectMs: 7 } }));
    clients.lease(bedrockBackend("any.model", { target: { endpoint: "http://127.0.0.1:1" } }));
    expect(made).toHaveLength(6);
  });

  it("are apart by the kind of endpoint too, as the environment comes to ask for it", () => {
    const reach: Partial<Reach> = {};
    const { clients, made } = pool(64, reach);
    const backend = inRegion("us-east-1");
    for (const asked of [
      {},
      { fips: true },
      { fips: true, dualStack: true },
      { endpoint: "https://a.example" },
    ]) {
      for (const name of ["fips", "dualStack", "endpoint"] as const) delete reach[name];
      Object.assign(reach, asked);
      clients.lease(backend);
      clients.lease(backend);
    }
    expect(made.map(({ settings }) => settings)).toMatchObject([
      { fips: false, dualStack: false },
      { fips: true, dualStack: false },
      { fips: true, dualStack: true },
      { endpoint: "https://a.example" },
    ]);
  });

  it("of the SDK ask for no kind of endpoint beside one that is named", () => {
    const settings = { region: "us-east-1", fips: true, dualStack: true, connectMs: 1 };
    const given = { ...settings, credentials: async () => credentials };
    expect(sdkSettings(given)).toMatchObject({ useFipsEndpoint: true, useDualstackEndpoint: true });
    expect(sdkSettings({ ...given, endpoint: "https://a.example" })).toMatchObject({
      useFipsEndpoint: false,
      useDualstackEndpoint: false,
    });
  });

  it("are bounded in number: the one longest unused goes, once nothing uses it", () => {
    const { clients, made } = pool(2);
    const first = clients.lease(inRegion("r1"));
    const second = clients.lease(inRegion("r2"));
    second.release();
    clients.lease(inRegion("r1")).release();
    clients.lease(inRegion("r3")).release();
    expect(made[1]?.destroy).toHaveBeenCalledTimes(1);
    clients.lease(inRegion("r4")).release();
    expect(made[0]?.destroy).not.toHaveBeenCalled();
    first.release();
    first.release();
    expect(made[0]?.destroy).toHaveBeenCalledTimes(1);
    clients.lease(inRegion("r1"));
    expect(made).toHaveLength(5);
  });

  it("are all freed in the end, those in use too", () => {
    const { clients, made } = pool(1);
    clients.lease(inRegion("r1"));
    clients.lease(inRegion("r2"));
    clients.close();
    for (const { destroy } of made) expect(destroy).toHaveBeenCalledTimes(1);
  });
});

describe("held credentials", () => {
  const clock = { time: 0, now: () => clock.time, elapsed: () => clock.time };
  const minutes = (count: number): number => count * 60_000;
  const until = (time: number): AwsCredentials => ({ ...credentials, expiration: new Date(time) });

  it("are renewed within five minutes of their end, and serve until then", async () => {
    clock.time = 0;
    const source = vi.fn(async () => until(clock.time + minutes(60)));
    const cell = new CredentialCell(source, clock);
    await cell.get();
    clock.time = minutes(54);
    await cell.get();
    expect(source).toHaveBeenCalledTimes(1);
    clock.time = minutes(56);
    source.mockRejectedValueOnce(new Error("STS is away"));
    expect((await cell.get()).expiration?.getTime()).toBe(minutes(60));
    expect((await cell.get()).expiration?.getTime()).toBe(minutes(116));
  });

  it("are refused where they have ended and cannot be renewed", async () => {
    clock.time = 0;
    const source = vi.fn(async () => until(minutes(10)));
    const cell = new CredentialCell(source, clock);
    await cell.get();
    clock.time = minutes(11);
    source.mockRejectedValue(new Error("STS is away"));
    await expect(cell.get()).rejects.toMatchObject({ code: "access_denied" });
  });

  it("are replaced once for all whose calls they failed", async () => {
    clock.time = 0;
    const source = vi.fn(async () => ({ ...credentials }));
    const cell = new CredentialCell(source, clock);
    const refused = await cell.get();
    const replace = async () => ((await cell.replace(refused)) ? cell.get() : undefined);
    const [first, second] = await Promise.all([replace(), replace()]);
    expect(first).not.toBe(refused);
    expect(second).toBe(first);
    expect(await cell.replace(refused)).toBe(true);
    expect(source).toHaveBeenCalledTimes(2);
  });

  it("are not replaced twice within ten seconds", async () => {
    clock.time = 0;
    const source = vi.fn(async () => ({ ...credentials }));
    const cell = new CredentialCell(source, clock);
    await cell.replace(await cell.get());
    expect(await cell.replace(await cell.get())).toBe(false);
    clock.time = 10_001;
    expect(await cell.replace(await cell.get())).toBe(true);
    expect(source).toHaveBeenCalledTimes(3);
  });
});
