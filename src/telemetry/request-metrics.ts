import type { AttemptRecord, RequestRecord } from "../records/index.ts";
import type { HistogramCell, NumberCell } from "./cells.ts";
import type { AttemptObservation, RequestObservation } from "./observation.ts";
import { countLimits } from "./limit-metrics.ts";
import { ChoiceMetrics } from "./choice-metrics.ts";
import { attemptEnd, outcomeOf } from "./outcome.ts";
import { ObjectiveMetrics } from "./objective-metrics.ts";
import type { Labels, MetricRegistry } from "./registry.ts";
import { SafetyMetrics } from "./safety-metrics.ts";
import type { AttributeName } from "./names.ts";
import { TenantLabels } from "./tenant-labels.ts";

interface RequestCells {
  requests: NumberCell;
  overhead: HistogramCell;
  envelopeMissed: NumberCell;
  saved: NumberCell;
  baselineCost: NumberCell;
  /** Null where no provider was called. */
  duration: HistogramCell | null;
  firstToken: HistogramCell | null;
}

interface AttemptCells {
  attempts: NumberCell;
  duration: HistogramCell;
  firstChunk: HistogramCell;
  laterChunks: HistogramCell;
  input: HistogramCell;
  output: HistogramCell;
  cost: NumberCell;
}

/** Combinations of labels to remember; past it they are forgotten and looked up anew. */
const maxRemembered = 10_000;

/**
 * Adds requests to the metrics. The SDK's own instruments sort and serialise the labels of every
 * single measurement; here one short key finds all the cells of a request, and one those of an attempt.
 */
export class RequestMetrics {
  readonly #registry: MetricRegistry;
  readonly #tenants: TenantLabels;
  readonly #safety: SafetyMetrics;
  readonly #choices: ChoiceMetrics;
  readonly #objectives: ObjectiveMetrics;
  readonly #requests = new Map<string, RequestCells>();
  readonly #attempts = new Map<string, AttemptCells>();

  constructor(registry: MetricRegistry, maxTenants: number) {
    this.#registry = registry;
    this.#tenants = new TenantLabels(maxTenants);
    this.#safety = new SafetyMetrics(registry);
    this.#choices = new ChoiceMetrics(registry);
    this.#objectives = new ObjectiveMetrics(registry);
  }

  record(observation: RequestObservation): void {
    const { record, objectives } = observation;
    const tenant = this.#tenants.labelOf(record.tenant);
    this.#choices.add(record);
    if (objectives !== null) this.#objectives.add(record, objectives);
    this.#addRequest(this.#cellsOfRequest(record, tenant), record);
    if (record.fallback_reason !== null) this.#addFallback(record, record.fallback_reason);
    if (record.denied !== null) this.#addDenied(record, record.denied);
    if (record.limits !== null) countLimits(this.#registry, record.limits, tenant);
    if (record.would_refuse.length + record.would_divert.length > 0)
      this.#addObserved(record, tenant);
    if (record.ledger.length > record.attempts.length) this.#addGuardrails(record, tenant);
    if (observation.safety.length > 0) this.#safety.add(observation, tenant);
    this.#addAttempts(observation, tenant);
  }

  /** The tenant as metrics tell it apart from others. */
  labelOf(tenant: string | null): string | null {
    return this.#tenants.labelOf(tenant);
  }

  /** Whether the tenant has labels of its own. */
  knows(tenant: string): boolean {
    return this.#tenants.labelOf(tenant) === tenant;
  }

  #addRequest(cells: RequestCells, record: RequestRecord): void {
    cells.requests.add(1);
    cells.overhead.record(record.overhead_ms / 1_000);
    if (record.envelope_missed) cells.envelopeMissed.add(1);
    if (record.baseline_cost_usd !== null) {
      cells.saved.add(record.baseline_cost_usd - record.cost_usd);
      cells.baselineCost.add(record.baseline_cost_usd);
    }
    cells.duration?.record(record.latency_ms / 1_000);
    if (record.ttft_ms !== null) cells.firstToken?.record(record.ttft_ms / 1_000);
  }

  #addAttempts({ record, attempts }: RequestObservation, tenant: string | null): void {
    for (const [index, attempt] of record.attempts.entries()) {
      const observed = attempts[index];
      if (observed === undefined) continue;
      if (attempt.kind === "hedge") this.#addHedge(record, attempt);
      addAttempt(this.#cellsOfAttempt(record, tenant, attempt, observed), attempt, observed);
    }
  }

  #addFallback(record: RequestRecord, reason: string): void {
    const labels = labelled([
      ["switchyard.route", record.route],
      ["switchyard.backend", record.attempts[0]?.backend ?? "none"],
      ["switchyard.fallback.reason", reason],
    ]);
    this.#registry.number("switchyard.fallbacks", labels).add(1);
  }

  #addDenied(record: RequestRecord, kind: AttemptRecord["kind"]): void {
    const labels = labelled([
      ["switchyard.attempt.kind", kind],
      ["switchyard.route", record.route],
    ]);
    this.#registry.number("switchyard.attempts.denied", labels).add(1);
  }

  #addObserved(record: RequestRecord, tenant: string | null): void {
    for (const bound of record.would_refuse)
      this.#registry.number("switchyard.would_refuse", boundLabels(bound, record, tenant)).add(1);
    for (const bound of record.would_divert)
      this.#registry.number("switchyard.would_divert", boundLabels(bound, record, tenant)).add(1);
  }

  /** A ledger's lines after those of the attempts, whose costs are added with them. */
  #addGuardrails({ ledger, attempts, route }: RequestRecord, tenant: string | null): void {
    for (const { backend, cost_usd: cost } of ledger.slice(attempts.length)) {
      const labels = labelled([
        ["switchyard.backend", backend ?? "none"],
        ["switchyard.route", route],
        ["switchyard.tenant", tenant],
      ]);
      this.#registry.number("switchyard.cost_usd", labels).add(cost);
    }
  }

  #addHedge(record: RequestRecord, { backend, error_type: error }: AttemptRecord): void {
    const labels = labelled([
      ["switchyard.hedge.outcome", hedgeOutcome(error)],
      ["switchyard.backend", backend],
      ["switchyard.route", record.route],
    ]);
    this.#registry.number("switchyard.hedges", labels).add(1);
  }

  #cellsOfRequest(record: RequestRecord, tenant: string | null): RequestCells {
    const outcome = outcomeOf(record);
    // What a client sends is free text until a route has been found by it.
    const model = record.route === null ? null : record.request_model;
    const error = outcome === "answered" || outcome === "aborted" ? null : record.error_type;
    const { provider } = record;
    const key = `${record.route}\n${tenant}\n${outcome}\n${record.operation}\n${model}\n${error}\n${provider}\n${record.arm}`;
    const found = this.#requests.get(key);
    if (found) return found;

    const route: Label = ["switchyard.route", record.route];
    const place = [route, ["switchyard.tenant", tenant]] as const;
    const ofArm = labelled([...place, ["switchyard.arm", record.arm]]);
    const operation: Label = ["gen_ai.operation.name", record.operation];
    const call = labelled([
      operation,
      ["gen_ai.provider.name", provider],
      ["gen_ai.request.model", model],
      ...place,
    ]);
    const failure = error === null ? {} : { "error.type": error };
    const called = provider !== null;
    const registry = this.#registry;
    return remember(this.#requests, key, {
      requests: registry.number(
        "switchyard.requests",
        labelled([["switchyard.outcome", outcome], ...place, operation, ["error.type", error]]),
      ),
      overhead: registry.histogram("switchyard.request.overhead", labelled([route])),
      envelopeMissed: registry.number("switchyard.envelope.missed", labelled(place)),
      saved: registry.number("switchyard.saved_usd", ofArm),
      baselineCost: registry.number("switchyard.baseline_cost_usd", ofArm),
      duration: called
        ? registry.histogram("gen_ai.server.request.duration", { ...call, ...failure })
        : null,
      firstToken: called ? registry.histogram("gen_ai.server.time_to_first_token", call) : null,
    });
  }

  #cellsOfAttempt(
    record: RequestRecord,
    tenant: string | null,
    attempt: AttemptRecord,
    observed: AttemptObservation,
  ): AttemptCells {
    const { backend, kind, error_type: error } = attempt;
    const { provider, requestModel } = observed;
    const key = `${record.route}\n${tenant}\n${record.operation}\n${backend}\n${kind}\n${error}\n${provider}\n${requestModel}`;
    const found = this.#attempts.get(key);
    if (found) return found;

    const route: Label = ["switchyard.route", record.route];
    const place = [route, ["switchyard.tenant", tenant]] as const;
    const call = labelled([
      ["gen_ai.operation.name", record.operation ?? "chat"],
      ["gen_ai.provider.name", provider],
      ["gen_ai.request.model", requestModel],
      ["switchyard.backend", backend],
      ...place,
    ]);
    const { error: failure, cancelled } = attemptEnd(attempt);
    const end = labelled([
      ["error.type", failure],
      ["switchyard.attempt.cancelled", cancelled],
    ]);
    const attemptLabels = labelled([
      ["switchyard.backend", backend],
      ["switchyard.attempt.kind", kind],
      route,
    ]);
    const registry = this.#registry;
    return remember(this.#attempts, key, {
      attempts: registry.number("switchyard.attempts", { ...attemptLabels, ...end }),
      duration: registry.histogram("gen_ai.client.operation.duration", { ...call, ...end }),
      firstChunk: registry.histogram("gen_ai.client.operation.time_to_first_chunk", call),
      laterChunks: registry.histogram("gen_ai.client.operation.time_per_output_chunk", call),
      input: registry.histogram("gen_ai.client.token.usage", {
        ...call,
        "gen_ai.token.type": "input",
      }),
      output: registry.histogram("gen_ai.client.token.usage", {
        ...call,
        "gen_ai.token.type": "output",
      }),
      cost: registry.number(
        "switchyard.cost_usd",
        labelled([["switchyard.backend", backend], ...place]),
      ),
    });
  }
}

function hedgeOutcome(error: string | null): "won" | "lost" | "aborted" | "failed" {
  switch (error) {
    case null:
      return "won";
    case "superseded":
      return "lost";
    case "client_closed_request":
      return "aborted";
    default:
      return "failed";
  }
}

function addAttempt(
  cells: AttemptCells,
  attempt: AttemptRecord,
  observed: AttemptObservation,
): void {
  cells.attempts.add(1);
  cells.duration.record(attempt.ms / 1_000);
  if (attempt.cost_usd !== null) cells.cost.add(attempt.cost_usd);
  if (attempt.tokens !== null) {
    cells.input.record(attempt.tokens.in + attempt.tokens.cache_read + attempt.tokens.cache_write);
    cells.output.record(attempt.tokens.out);
  }
  if (!observed.streaming || attempt.ttft_ms === null) return;
  cells.firstChunk.record(attempt.ttft_ms / 1_000);
  if (observed.laterChunks === 0) return;
  const mean = (attempt.ms - attempt.ttft_ms) / 1_000 / observed.laterChunks;
  cells.laterChunks.record(mean, observed.laterChunks);
}

function boundLabels(bound: string, { route }: RequestRecord, tenant: string | null): Labels {
  return labelled([
    ["switchyard.bound", bound],
    ["switchyard.route", route],
    ["switchyard.tenant", tenant],
  ]);
}

type Label = readonly [AttributeName, string | null];

/** Labels without those that say nothing. */
function labelled(pairs: readonly Label[]): Labels {
  const labels: Labels = {};
  for (const [name, value] of pairs) if (value !== null) labels[name] = value;
  return labels;
}

function remember<Cells>(cache: Map<string, Cells>, key: string, cells: Cells): Cells {
  if (cache.size >= maxRemembered) cache.clear();
  cache.set(key, cells);
  return cells;
}
