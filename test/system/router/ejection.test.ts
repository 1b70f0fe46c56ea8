import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../../src/simulators/index.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { errorIn, onlyRecordOf, send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

let local: Local;

/** Short enough to wait for, long enough for the requests of a test to come before its end. */
const ejectForMs = 2_000;
const outlier = { consecutiveFailures: 3, ejectFor: `${ejectForMs}ms` };

beforeAll(async () => {
  local = await startLocal({
    resources: [
      backendOf("micro", { outlier }),
      backendOf("lite", { outlier }),
      backendOf("pro", { outlier, expectations: { firstTokenP95: "50ms" } }),
      routeOf("two", ["micro", "lite"]),
      routeOf("alone", ["micro"]),
      routeOf("slow", ["pro", "lite"]),
    ],
  });
});

afterEach(() => local.heal());

afterAll(async () => local.stop());

type Model = "micro" | "lite" | "pro";

const order = (model: Model, fault: Omit<Fault, "model">) =>
  local.simulator.faults.set({ model: models[model], ...fault });

async function ask(model: string, stream = false) {
  const got = await send(local, { body: chatOf(model, "repeat: here I am", { stream }) });
  const record = await onlyRecordOf(local, got.requestId);
  const attempts = record.attempts.map(
    ({ backend, error_type: error }) => `${backend} ${error ?? "ok"}`,
  );
  return { got, record, attempts };
}

async function askOften(times: number, model: string, stream = false): Promise<string[][]> {
  const all: string[][] = [];
  for (let index = 0; index < times; index += 1) all.push((await ask(model, stream)).attempts);
  return all;
}

interface Live {
  backend: string;
  state: string;
  reason: string | null;
  since: string | null;
  until: string | null;
  failures_in_row: number;
  error_share: number;
  slow_share: number;
}

async function live(backend: Model): Promise<Live> {
  const table = (await (await fetch(`${local.adminUrl}/table`)).json()) as { live: Live[] };
  const found = table.live.find((each) => each.backend === backend);
  if (found === undefined) throw new Error(`${backend} is not among the live backends`);
  return found;
}

const metric = async (line: string): Promise<string | undefined> => {
  const text = await (await fetch(`${local.adminUrl}/metrics`)).text();
  return text.split("\n").find((each) => each.startsWith(line));
};

const isProbed = async () => (await live("micro")).state === "half_open";

describe("a backend that is down", () => {
  it.each([false, true])(
    "is ejected after so many failures, costs no attempts meanwhile, and is back once it is well (streamed: %s)",
    async (stream) => {
      order("micro", { kind: "model-error" });
      const failing = ["micro model_error", "lite ok"];
      expect(await askOften(3, "two", stream)).toEqual([failing, failing, failing]);
      const calls = local.simulator.calls().length;
      expect(await askOften(4, "two", stream)).toEqual(Array(4).fill(["lite ok"]));
      const asked = local.simulator.calls().slice(calls);
      expect(new Set(asked.map(({ model }) => model))).toEqual(new Set([models.lite]));
      expect(await live("micro")).toMatchObject({
        state: "open",
        reason: "consecutive_failures",
        failures_in_row: 3,
        error_share: 1,
      });
      local.simulator.faults.clear();
      await expect.poll(isProbed, { timeout: 10_000 }).toBe(true);
      expect(await askOften(4, "two", stream)).toEqual(Array(4).fill(["micro ok"]));
      expect(await live("micro")).toMatchObject({ state: "closed", reason: null, until: null });
    },
  );

  it("is tried by one request when its time is over, and is away for longer if that fails", async () => {
    order("micro", { kind: "model-error" });
    await askOften(3, "two");
    const first = await live("micro");
    await expect.poll(isProbed, { timeout: 10_000 }).toBe(true);
    const together = await Promise.all([1, 2, 3, 4, 5].map(async () => ask("two")));
    const probes = together.filter(({ attempts }) => attempts[0] === "micro model_error");
    expect(probes).toHaveLength(1);
    expect(together.every(({ got }) => got.status === 200)).toBe(true);
    const second = await live("micro");
    expect(second.reason).toBe("consecutive_failures");
    const away = ({ since, until }: Live) => Date.parse(until ?? "") - Date.parse(since ?? "");
    expect(away(second)).toBeGreaterThan(1.5 * away(first));
  });

  it("is told in metrics, in the log and in the records of those that it was kept from", async () => {
    const before = local.log.length;
    order("micro", { kind: "model-error" });
    await askOften(3, "two");
    const { record } = await ask("two");
    expect(record.estimates.map(({ backend, dropped }) => [backend, dropped])).toEqual([
      ["micro", "ejected"],
      ["lite", null],
    ]);
    expect(
      await metric('switchyard_backend_state{switchyard_backend="micro",switchyard_state="open"'),
    ).toMatch(/ 1$/);
    expect(
      await metric('switchyard_backend_state{switchyard_backend="lite",switchyard_state="closed"'),
    ).toMatch(/ 1$/);
    const ejections = await metric(
      'switchyard_backend_ejections_total{switchyard_backend="micro",switchyard_ejection_reason="consecutive_failures"',
    );
    expect(Number(ejections?.split(" ")[1])).toBeGreaterThanOrEqual(1);
    expect(local.log.slice(before).map((line) => JSON.parse(line))).toMatchObject([
      {
        message: "Ejecting a backend from its chains",
        backend: "micro",
        reason: "consecutive_failures",
      },
    ]);
  });

  it("stays ejected over a new table", async () => {
    order("micro", { kind: "model-error" });
    await askOften(3, "two");
    const loads = local.refreshes.length;
    await local.write([routeOf("three", ["lite", "micro"])], "more.yaml");
    await local.refreshed(({ problems }) => problems.length === 0, loads);
    expect((await ask("two")).attempts).toEqual(["lite ok"]);
  });
});

describe("when every backend is ejected", () => {
  it("requests are tried all the same, one attempt each, and the first that is well again is found", async () => {
    order("micro", { kind: "model-error" });
    order("lite", { kind: "model-error" });
    await askOften(3, "two");
    expect((await live("lite")).state).toBe("open");
    const down = await ask("two");
    expect(down.got.status).toBe(502);
    expect(down.attempts).toHaveLength(1);
    expect(errorIn(down.got)).toMatchObject({ code: "server_error" });
    local.simulator.faults.clear();
    order("micro", { kind: "model-error" });
    await askOften(2, "two");
    expect(await askOften(3, "two")).toEqual([["lite ok"], ["lite ok"], ["lite ok"]]);
    expect((await live("lite")).state).toBe("closed");
  });

  it("a route with one candidate keeps it", async () => {
    order("micro", { kind: "model-error" });
    await askOften(3, "alone");
    expect((await live("micro")).state).toBe("open");
    local.simulator.faults.clear();
    expect(await askOften(3, "alone")).toEqual([["micro ok"], ["micro ok"], ["micro ok"]]);
    expect((await live("micro")).state).toBe("closed");
  });
});

describe("a backend that is slow", () => {
  it("is ejected although it answers", async () => {
    // Twice the 50 ms that are expected of it, and a good deal more.
    order("pro", { kind: "slow-first-token", delayMs: 250 });
    const many = await Promise.all(Array.from({ length: 12 }, async () => ask("slow", true)));
    expect(many.every(({ got }) => got.status === 200)).toBe(true);
    expect(await live("pro")).toMatchObject({ reason: "slow_share", failures_in_row: 0 });
    expect((await ask("slow", true)).attempts).toEqual(["lite ok"]);
  });
});

describe("a backend that sets a rate limit", () => {
  it("and says when to come back is left alone from the first answer on", async () => {
    order("micro", { kind: "throttling", retryAfterSeconds: 2 });
    expect((await ask("two")).attempts).toEqual(["micro throttled", "lite ok"]);
    expect(await askOften(5, "two")).toEqual(Array(5).fill(["lite ok"]));
    expect(await live("micro")).toMatchObject({ state: "open", reason: "throttled" });
  });

  it("without saying so is ejected like any that fails, and every request of the storm is answered", async () => {
    order("micro", { kind: "throttling" });
    const calls = local.simulator.calls().length;
    const storm = await Promise.all(Array.from({ length: 60 }, async () => ask("two")));
    expect(storm.every(({ got }) => got.status === 200)).toBe(true);
    await askOften(40, "two");
    const limited = local.simulator
      .calls()
      .slice(calls)
      .filter(({ model }) => model === models.micro);
    // Those that were under way before the first failures were known, and a probe or two.
    expect(limited.length).toBeLessThan(65);
  });
});
