// The set-up of examples/team as its README tells it, on a real cluster with Redis in it.
import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { killPod, listPods } from "../support/cluster/pods.ts";
import {
  exampleNamespace,
  repository,
  serviceAddress,
  systemNamespace,
} from "../support/cluster/installed-example.ts";
import { readBlocks } from "../support/cluster/read-blocks.ts";
import { Shell } from "../support/cluster/shell.ts";
import {
  askFor,
  clientOf,
  editTenant,
  loadRedis,
  programmed,
  recordsOf,
  refusalOf,
  routerAddresses,
  statusOf,
  supportKey,
  teamFolder,
  tokenOf,
} from "../support/cluster/team-setup.ts";
import { useCluster } from "../support/cluster/use-cluster.ts";
import { words } from "../support/cluster/words.ts";

const cluster = useCluster(async (fresh) => {
  await loadRedis(fresh);
  await fresh.enforcePolicies();
  await fresh.kubectl(words`create namespace ${systemNamespace}`);
  await fresh.kubectl(
    words`label namespace ${systemNamespace} pod-security.kubernetes.io/enforce=restricted`,
  );
});

const patient = { timeout: 60_000, interval: 250 };
const bothTenants = { support: "assistant", risk: "case-notes" } as const;
const redisLabel = "app.kubernetes.io/name=redis";

describe("the README of the team's set-up", () => {
  let shell: Shell;
  const blocks = (heading: string) => readBlocks(`${teamFolder}/README.md`, heading);
  const runAll = async (heading: string): Promise<string[]> => {
    const said: string[] = [];
    for (const block of await blocks(heading)) said.push(await shell.run(block));
    return said;
  };

  beforeAll(async () => {
    shell = await Shell.open(cluster());
  });
  afterAll(() => shell.close());

  it("leads from nothing to policies, routes and backends that every router serves", async () => {
    const [said = ""] = await runAll("Apply it");
    const kinds = ["modelbackend", "modelroute", "tenantpolicy"];
    expect(kinds.map((kind) => said.split(`${kind}.switchyard.dev/`).length)).not.toContain(1);
    const { kubectl } = cluster();
    const path =
      "jsonpath={range .items[*]}{.metadata.name}" +
      '{range .status.conditions[?(@.status=="True")]} {.type}{end}{"\\n"}{end}';
    const all = "modelbackends,modelroutes,tenantpolicies";
    const states = (await kubectl(["-n", exampleNamespace, "get", all, "-o", path])).trim();
    for (const state of states.split("\n")) {
      expect(state).toMatch(/^\S+ (?=.*Accepted)(?=.*Programmed)(?=.*Ready)/);
      expect(state).not.toContain("Stalled");
    }
    expect(states.split("\n")).toHaveLength(8);
  });

  it("has both tenants answered, the one by a key and the other by its pods' token", async () => {
    const [support = "", risk = ""] = await runAll("Call it");
    expect(support).toContain("write to jane@example.com");
    expect(support).toMatch(/^x-ratelimit-remaining-requests: \d+\r?$/m);
    expect(risk).toContain("the case is closed");
    expect(risk).toMatch(/^x-switchyard-backend: nova-lite-eu\r?$/m);
  });

  it("tells what was spent, from the logs and as metrics", async () => {
    const [costs = "", metrics = ""] = await blocks("Watch the spending");
    await expect
      .poll(() => shell.run(costs), patient)
      .toMatch(/support +support-new +nova-[^]*risk +token-\w+ +nova-lite-eu|risk [^]*support /);
    expect(await shell.run(metrics)).toMatch(/^switchyard_limits_store_away.* 0$/m);
  });

  it("ends an old key", async () => {
    const [said = ""] = await runAll("Rotate a key");
    expect(said).toContain("invalid_api_key");
  });

  it("tries a filter in a shell, and then on requests that pass all the same", async () => {
    const [inspect = "", ask = ""] = await blocks("Try a filter");
    const verdicts = await shell.run(inspect);
    expect(verdicts).toContain("prompt-injection/");
    expect(verdicts).toContain("pii/credit-card");
    await expect
      .poll(() => shell.run(ask).catch(String), patient)
      .toMatch(/"choices"[^]*"tripwire"/);
  });

  it("goes from watching to enforcing", async () => {
    const [said = ""] = await runAll("From watching to enforcing");
    expect(said).toContain('"code":"content_filter"');
    expect(said).toMatch(/"rules":\["prompt-injection\//);
  });
});

describe("the team's set-up", () => {
  let token = "";
  let addresses: string[] = [];
  const support = (index = 0): OpenAI => clientOf(addresses[index] ?? "", supportKey);
  const risk = (index = 0): OpenAI => clientOf(addresses[index] ?? "", token);
  const both = [0, 1] as const;

  // What the README has tried goes back to what Git says.
  beforeAll(async () => {
    const { kubectl } = cluster();
    await kubectl(words`apply -k ${repository}/${teamFolder}/overlays/try`);
    await programmed(cluster());
    token = await tokenOf(cluster());
    addresses = await routerAddresses(cluster());
    expect(addresses).toHaveLength(2);
  });

  it("shows each tenant its own models, and nobody anything", async () => {
    const modelsOf = async (client: OpenAI) =>
      (await client.models.list()).data.map(({ id }) => id).toSorted();
    expect(await modelsOf(support())).toEqual(["assistant"]);
    expect(await modelsOf(risk())).toEqual(["assistant", "case-notes"]);
    expect(await refusalOf(support(), bothTenants.risk, "hello")).toMatchObject({
      status: 404,
      code: "model_not_found",
    });
    const others = [
      "sy_somebody-else",
      await tokenOf(cluster(), "default"),
      await tokenOf(cluster(), "case-desk", "https://elsewhere.example"),
    ];
    for (const shown of others) {
      const client = clientOf(addresses[0] ?? "", shown);
      expect(await statusOf(client, "assistant")).toBe(401);
    }
  });

  it("sends what risk asks to Europe alone, also where the first model fails", async () => {
    const backend = async () =>
      (await askFor(risk(), "assistant", "hi")).headers.get("x-switchyard-backend");
    const first = await backend();
    expect(first).toMatch(/^nova-\w+-eu$/);
    const simulators = `http://${await serviceAddress(cluster(), "simulators")}:9000/_control/faults`;
    const model = `amazon.${String(first).replace(/-eu$/, "")}-v1:0`;
    const body = JSON.stringify({ model, kind: "throttling" });
    await fetch(simulators, { method: "PUT", body });
    const second = await backend();
    expect(second).toMatch(/^nova-\w+-eu$/);
    expect(second).not.toBe(first);
    await fetch(simulators, { method: "DELETE" });

    interface Attempted {
      tenant: string | null;
      region: string | null;
      attempts: { backend: string }[];
    }
    const places = async (): Promise<Set<string | null>> => {
      const records = await recordsOf<Attempted>(cluster(), "request");
      const own = records.filter(
        ({ tenant, attempts }) => tenant === "risk" && attempts.length > 0,
      );
      return new Set(
        own.flatMap(({ region, attempts }) => [
          region,
          ...attempts.map(({ backend }) => backend.replace(/^nova-\w+-/, "")),
        ]),
      );
    };
    await expect.poll(places, patient).toEqual(new Set(["eu", "eu-central-1"]));
  });

  it("keeps people's data from models, puts it back into answers, and lets no secret out", async () => {
    const question = "Repeat: call Jane at +41 44 668 18 00 or jane@example.com";
    const { text, headers } = await askFor(support(), "assistant", question);
    expect(text).toBe(question.slice("Repeat: ".length));
    interface Verdict {
      request_id: string;
      filter: string;
      action: string;
    }
    const verdicts = async () =>
      (await recordsOf<Verdict>(cluster(), "safety"))
        .filter((each) => each.request_id === headers.get("x-switchyard-request-id"))
        .map(({ filter, action }) => `${filter}: ${action}`);
    await expect.poll(verdicts, patient).toEqual(["people: redact"]);
    const secret = `Repeat: ${"ghp_"}${"aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY3zA5"}`;
    for (const client of [support(), risk()]) {
      expect(await refusalOf(client, "assistant", secret)).toMatchObject({
        status: 400,
        code: "content_filter",
        error: { rules: [expect.stringMatching(/^secrets\//)] },
      });
    }
    expect(await refusalOf(risk(), "case-notes", "From CH93 0076 2011 6238 5295 7")).toMatchObject({
      status: 400,
      code: "content_filter",
      error: { rules: ["pii/iban"] },
    });
  });

  it("lets nobody but routers reach the counters", async () => {
    const knock =
      'require("node:net").connect(6379, "redis.models.svc").on("connect", () => end("in")).on("error", () => end("refused"));' +
      'const end = (word) => { console.log(word); process.exit(); }; setTimeout(() => end("dropped"), 3000)';
    const from = (deployment: string): Promise<string> =>
      cluster()
        .kubectl(words`-n ${exampleNamespace} exec deployment/${deployment} -- node -e ${knock}`)
        .then((said) => said.trim());
    expect(await from("switchyard-default")).toBe("in");
    expect(await from("simulators")).toBe("dropped");
  });

  it("lets support go on with the cheapest model where an hour's money is spent", async () => {
    const hour = { window: "Hour", usd: "0.000001", onExceeded: "Downgrade" };
    await editTenant(cluster(), "support", { budgets: [hour, { window: "Month", usd: "900" }] });
    const { text, headers } = await askFor(support(), "assistant", "Repeat: still here");
    expect(text).toBe("still here");
    expect(headers.get("x-switchyard-reason")).toBe("downgraded");
    expect(headers.get("x-switchyard-exceeded")).toBe("budget_hour_usd");
  });

  const budget = 600;

  /** Spends until it is refused, by both routers in turn; gives how many tokens each has served. */
  async function spend(): Promise<[number, number]> {
    const served: [number, number] = [0, 0];
    for (let turn = 0; turn < budget; turn += 1) {
      const index = turn % 2 === 0 ? 0 : 1;
      const answer = await askFor(risk(index), "case-notes", "Repeat: a note").catch(
        () => undefined,
      );
      if (answer === undefined) return served;
      served[index] += answer.tokens;
    }
    throw new Error("The budget has no end");
  }

  const refused = {
    status: 429,
    code: "insufficient_quota",
    message: expect.stringContaining("tokens") as string,
  };

  it("counts a budget over both routers, and refuses at its end", async () => {
    await editTenant(cluster(), "risk", { budgets: [{ window: "Month", tokens: budget }] });
    const served = await spend();
    expect(Math.min(...served)).toBeGreaterThan(budget / 4);
    expect(served[0] + served[1]).toBeLessThanOrEqual(budget);
    for (const index of both) {
      const refusal = await refusalOf(risk(index), "case-notes", "Repeat: a note");
      expect(refusal).toMatchObject(refused);
      expect(refusal.headers?.get("x-should-retry")).toBe("false");
    }
  });

  it("forgets nothing where Redis crashes", async () => {
    const [redis] = await listPods(cluster(), exampleNamespace, redisLabel);
    if (redis === undefined) throw new Error("There is no Redis");
    await killPod(redis);
    const seen = new Set<number>();
    const last = async (index: number): Promise<number> => {
      const status = await statusOf(risk(index), "case-notes");
      seen.add(status);
      return status;
    };
    const restarts = async () =>
      (await listPods(cluster(), exampleNamespace, redisLabel)).map((pod) => pod.restarts);
    await expect.poll(restarts, patient).toEqual([1]);
    for (const index of both) await expect.poll(() => last(index), patient).toBe(429);
    expect([...seen]).not.toContain(200);
  });

  it("serves support and not risk while Redis is away, and counts again when it is back", async () => {
    const { kubectl } = cluster();
    const scale = words`-n ${exampleNamespace} scale statefulset/redis`;
    await kubectl([...scale, "--replicas=0"]);
    await kubectl(words`-n ${exampleNamespace} wait --for=delete pod/redis-0 --timeout=60s`);
    for (const index of both) {
      await expect.poll(() => statusOf(risk(index), "case-notes"), patient).toBe(503);
      expect(await refusalOf(risk(index), "case-notes", "hi")).toMatchObject({
        code: "limits_unavailable",
      });
      const { text, headers } = await askFor(support(index), "assistant", "Repeat: still here");
      expect(text).toBe("still here");
      expect(headers.has("x-ratelimit-remaining-requests")).toBe(false);
    }
    await kubectl([...scale, "--replicas=1"]);
    for (const index of both) {
      await expect.poll(() => statusOf(risk(index), "case-notes"), patient).toBe(200);
      const { headers } = await askFor(support(index), "assistant", "Repeat: counted");
      expect(headers.has("x-ratelimit-remaining-requests")).toBe(true);
    }
    // Its disk went with the pod: this overlay has none that stays.
    expect(Math.min(...(await spend()))).toBeGreaterThan(0);
    expect(await refusalOf(risk(), "case-notes", "Repeat: a note")).toMatchObject(refused);
  });
});
