import { describe, expect, it, vi } from "vitest";
import { tellIgnoredPlans } from "../../../src/cli/tell-ignored-plans.ts";
import { ignoredPlanProblems, ignoredPlans, TableHolder } from "../../../src/router/index.ts";
import { classifierOf, planFor } from "../../../src/router/snapshot.ts";
import { ClassifierEstimator, encodeModel } from "../../../src/routing/index.ts";
import { encodeTable, type PlanEntry, type RoutingTable } from "../../../src/table/index.ts";
import { modelFile } from "../../support/model-file.ts";
import { plan, planEntry } from "../../support/plan-entry.ts";
import { tinyModel } from "../../support/tiny-model.ts";
import { backendEntry, byName, routeEntry, standingClock } from "../routing/sample-entries.ts";

const [builtInDigest, olderDigest] = ["b".repeat(64), "0".repeat(64)];
const made = ClassifierEstimator.of(tinyModel(), builtInDigest);
if (!made.ok) throw new Error(made.error.message);
const builtIn = made.value;

const [one, two] = [modelFile(1), modelFile(2)];

/** Two routes, of which the second may name a classifier of its own. */
function tableOf(classifier?: string, plans: Record<string, PlanEntry> = {}): RoutingTable {
  const backends = [backendEntry("small"), backendEntry("large")];
  return {
    schemaVersion: 1,
    group: { namespace: "shop", routerClass: "default" },
    backends: byName(backends),
    routes: {
      chat: routeEntry(backends, { models: ["chat"] }),
      taught: routeEntry(backends, {
        name: "taught",
        models: ["taught"],
        ...(classifier === undefined ? {} : { classifier }),
      }),
    },
    tenants: {},
    plans,
  };
}

function makeHolder() {
  const telemetry = { tableLoaded: vi.fn(), tableConfirmed: vi.fn(), tableRefused: vi.fn() };
  return { holder: new TableHolder(standingClock(), telemetry, undefined, builtIn), telemetry };
}

/** Loads a table whose second route wants the model with the digest, and gives these bytes for it. */
function offer(holder: TableHolder, digest: string | undefined, model?: Uint8Array) {
  return holder.load({ ...encodeTable(tableOf(digest)), model });
}

function askedBy(holder: TableHolder, name: "chat" | "taught"): string | undefined {
  const { current } = holder;
  const route = current?.table.routes[name];
  if (current === undefined || route === undefined) throw new Error("There is no such route");
  return classifierOf(current, route)?.digest;
}

describe("the classifiers of a snapshot", () => {
  it("are the one of the release, and the group's own for the routes that name it", () => {
    const { holder } = makeHolder();
    expect(offer(holder, one.digest, one.bytes).ok).toBe(true);
    expect(askedBy(holder, "chat")).toBe(builtInDigest);
    expect(askedBy(holder, "taught")).toBe(one.digest);
  });

  it("are swapped with the table, and the old snapshot keeps its own", () => {
    const { holder } = makeHolder();
    offer(holder, one.digest, one.bytes);
    const before = holder.current;
    expect(offer(holder, two.digest, two.bytes).ok).toBe(true);
    expect(askedBy(holder, "taught")).toBe(two.digest);
    expect(before?.classifiers.own?.digest).toBe(one.digest);
    offer(holder, undefined);
    expect(askedBy(holder, "taught")).toBe(builtInDigest);
    expect(holder.current?.classifiers.own).toBeUndefined();
  });

  it("are taken over without their bytes where another table names the same model", () => {
    const { holder } = makeHolder();
    offer(holder, one.digest, one.bytes);
    const before = holder.current?.classifiers.own;
    const other = tableOf(one.digest, { chat: planEntry() });
    expect(holder.load(encodeTable(other)).ok).toBe(true);
    expect(holder.current?.classifiers.own).toBe(before);
  });

  it.each<[string, Uint8Array | undefined, string]>([
    ["is missing", undefined, "is missing"],
    ["is another than the pointer names", one.bytes, `has the digest ${one.digest}`],
    ["is cut", two.bytes.subarray(0, -1), "do not match the digest at their end"],
    ["is no model", new Uint8Array(100), "These bytes are no classifier model"],
    [
      "was trained on other features",
      encodeModel(tinyModel({ featureHash: "other" })),
      "The model was trained on features other",
    ],
  ])("keep a table out whose model %s, and the old table stays", (_, bytes, message) => {
    const { holder, telemetry } = makeHolder();
    offer(holder, one.digest, one.bytes);
    const before = holder.current;
    const refused = offer(holder, two.digest, bytes);
    expect(refused).toMatchObject({ ok: false, error: { code: "ModelInvalid" } });
    expect(holder.problems.join()).toContain(message);
    expect(holder.current).toBe(before);
    expect(telemetry.tableRefused).toHaveBeenCalledExactlyOnceWith("ModelInvalid");
  });
});

describe("plans of a table that were made with another classifier", () => {
  const of = (model: string) => plan({ model });
  /** What is ignored, by the plans and the classifier that the second route names. */
  function ignored(plans: Record<string, PlanEntry>, own?: typeof one) {
    const { holder } = makeHolder();
    holder.load({ ...encodeTable(tableOf(own?.digest, plans)), model: own?.bytes });
    const { current } = holder;
    if (current === undefined) throw new Error("The table was refused");
    const log = { warn: vi.fn() };
    tellIgnoredPlans(current, log);
    return { names: ignoredPlans(current), told: ignoredPlanProblems(current), log };
  }
  const older = planEntry({ current: of(olderDigest) });

  it("are told by their number and one's name, to people and in the log", () => {
    const plans = { chat: older, "chat/acme": { ...older, tenant: "acme" } };
    const { names, told, log } = ignored(plans);
    expect(names.toSorted()).toEqual(["chat", "chat/acme"]);
    expect(told.join()).toMatch(
      /^2 plans \(chat[a-z/]* among them\) were made with another classifier/,
    );
    expect(log.warn).toHaveBeenCalledExactlyOnceWith(
      "Ignoring plans that were made with another classifier",
      { digest: expect.any(String), count: 2, name: expect.stringContaining("chat") },
    );
  });

  it.each<[string, Record<string, PlanEntry>, string[]]>([
    ["one of the release before", { chat: older }, ["chat"]],
    ["none of this release's", { chat: planEntry({ current: of(builtInDigest) }) }, []],
    ["none where no plan is followed anyway", { chat: planEntry({ current: null }) }, []],
    [
      "none whose newer plan is being rolled out already",
      { chat: { ...older, next: { plan: of(builtInDigest), sharePercent: 10 } } },
      [],
    ],
    [
      "none by the route's own classifier",
      { taught: { ...planEntry({ current: of(one.digest) }), route: "taught" } },
      [],
    ],
    [
      "one by another than the route's own",
      { taught: { ...planEntry({ current: of(builtInDigest) }), route: "taught" } },
      ["taught"],
    ],
  ])("are %s", (_, plans, expected) => {
    const { names, told, log } = ignored(plans, one);
    expect(names).toEqual(expected);
    expect(told).toHaveLength(expected.length);
    expect(log.warn).toHaveBeenCalledTimes(expected.length);
  });

  it("are none before the first table", () => {
    expect(ignoredPlanProblems(undefined)).toEqual([]);
  });
});

describe("the plan of a request", () => {
  it("is the tenant's own for the route, else the route's pooled one, else none", () => {
    const { holder } = makeHolder();
    const own = planEntry({ tenant: "acme", current: plan({ lambda: 3 }) });
    const plans = { chat: planEntry(), "chat/acme": own };
    const { current } = (holder.load(encodeTable(tableOf(undefined, plans))), holder);
    if (current === undefined) throw new Error("The table was refused");
    const found = (route: string, tenant: string | null) =>
      planFor(current, { name: route }, tenant === null ? null : { name: tenant });
    expect(found("chat", "acme")).toEqual(own);
    expect(found("chat", "initech")).toEqual(plans.chat);
    expect(found("chat", null)).toEqual(plans.chat);
    expect(found("taught", "acme")).toBeUndefined();
  });

  it("is not looked for among what every object has", () => {
    const { holder } = makeHolder();
    holder.load(encodeTable(tableOf()));
    expect(holder.current?.plans.find("constructor", "toString")).toBeUndefined();
  });
});
