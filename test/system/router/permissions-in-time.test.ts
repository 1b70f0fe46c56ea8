// A policy that changes while a request is under way: the request goes on under the table that it began with,
// by which every fallback and hedge is checked again; the next one goes by the new table.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import {
  backendOf,
  models,
  routeOf,
  tenantOf,
  type LocalResource,
} from "../../support/local-resources.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { onlyRecordOf, send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const key = "sy_key-of-the-tenant";
let local: Local;

/** What keeps the backend lite from the tenant, and what does not. */
const policies = {
  allowedBackends: { strict: [{ name: "micro" }], lax: [{ name: "micro" }, { name: "lite" }] },
  residency: { strict: { regions: ["us-east-1"] }, lax: { regions: ["us-east-1", "eu-west-1"] } },
  dataClasses: { strict: ["secret"], lax: ["public"] },
};
type Field = keyof typeof policies;
const fields = Object.keys(policies) as Field[];

const resources = (field: Field, how: "strict" | "lax"): LocalResource[] => {
  const expectations = { firstTokenP95: "600ms", tokensPerSecond: 100_000 };
  const timeouts = { connect: "2s", firstToken: "800ms", idle: "5s", total: "20s" };
  const patient = { ...timeouts, firstToken: "10s" };
  const micro = { expectations, dataClasses: ["public", "secret"] };
  return [
    backendOf("micro", { ...micro, timeouts }),
    backendOf("micro", { name: "patient", ...micro, timeouts: patient }),
    backendOf("lite", { expectations, target: { region: "eu-west-1" }, dataClasses: ["public"] }),
    routeOf("falls", ["micro", "lite"], { access: "Tenants" }),
    routeOf("hedges", ["patient", "lite"], {
      access: "Tenants",
      fallback: { hedge: { afterPercentile: 95, maxSharePercent: 100 } },
    }),
    tenantOf("tenant", key, { [field]: withPatient(field, policies[field][how]) }),
  ];
};

const withPatient = (field: Field, value: unknown): unknown =>
  field === "allowedBackends" ? [...(value as object[]), { name: "patient" }] : value;

beforeAll(async () => {
  local = await startLocal({ resources: resources("residency", "lax") });
});

afterEach(() => local.heal());

afterAll(async () => local.stop());

let loaded = "residency lax";

async function load(field: Field, how: "strict" | "lax"): Promise<void> {
  if (loaded === `${field} ${how}`) return;
  loaded = `${field} ${how}`;
  const since = local.refreshes.length;
  const digest = local.refreshes.at(-1)?.digest;
  await local.write(resources(field, how));
  await local.refreshed((each) => each.digest !== digest, since);
}

async function ask(model: string) {
  const got = await send(local, { body: chatOf(model, "repeat: here", { stream: true }), key });
  const record = await onlyRecordOf(local, got.requestId);
  return { digest: record.table_digest, backends: record.attempts.map(({ backend }) => backend) };
}

/** Begins a request, and has the policy changed while its first attempt waits for a token. */
async function askWhileChanging(model: string, change: () => Promise<void>) {
  const before = local.simulator.calls().length;
  local.simulator.faults.set({ model: models.micro, kind: "slow-first-token", delayMs: 1_300 });
  const asked = ask(model);
  while (local.simulator.calls().length === before) await sleep(5);
  await change();
  return asked;
}

describe.each(fields)("a policy's %s", (field) => {
  it.each([
    ["falls", "micro"],
    ["hedges", "patient"],
  ])("that is tightened under a request on %s is that of its next", async (model, first) => {
    await load(field, "lax");
    const running = await askWhileChanging(model, () => load(field, "strict"));
    expect(running.backends).toEqual([first, "lite"]);
    const next = await ask(model);
    expect(next.backends).not.toContain("lite");
    expect(next.digest).not.toBe(running.digest);
  });

  it.each([
    ["falls", "micro"],
    ["hedges", "patient"],
  ])("that is loosened under a request on %s opens nothing to it", async (model, first) => {
    await load(field, "strict");
    const running = await askWhileChanging(model, () => load(field, "lax"));
    expect(running.backends.every((backend) => backend === first)).toBe(true);
    const next = await ask(model);
    expect(next.backends).toEqual([first, "lite"]);
  });
});
