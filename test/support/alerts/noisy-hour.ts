// An hour and a quarter as it is on a day on which nobody should be woken: two routers, one of which is rolled out
// anew half-way, a busy route and one with a request a minute, log-normal times, and of every trouble a little.
import { seededRandom, type Random } from "../../../src/lib/index.ts";

export const noisyMinutes = 75;
const steps = noisyMinutes * 4;
const pods = ["a", "b"] as const;
const restartAt = 130;

type Labels = Readonly<Record<string, string>>;

/** Series that are added to step by step, and written in promtool's notation. */
class Played {
  readonly #current = new Map<string, number>();
  readonly #written = new Map<string, string[]>();

  add(name: string, labels: Labels, amount = 1): void {
    const series = seriesOf(name, labels);
    this.#current.set(series, (this.#current.get(series) ?? 0) + amount);
  }

  set(name: string, labels: Labels, value: number): void {
    this.#current.set(seriesOf(name, labels), value);
  }

  /** Ends a step: every series has a sample, or none as long as it is not there. */
  scrape(step: number): void {
    for (const [series, value] of this.#current) {
      const samples = this.#written.get(series) ?? Array.from({ length: step }, () => "_");
      samples.push(String(value));
      this.#written.set(series, samples);
    }
  }

  /** A process that starts anew counts from 0, and has no series that nothing has happened to. */
  restart(pod: string): void {
    for (const series of this.#current.keys())
      if (series.includes(`pod="${pod}"`)) this.#current.set(series, 0);
  }

  series(): Record<string, string> {
    return Object.fromEntries(
      [...this.#written].map(([name, samples]) => [name, samples.join(" ")]),
    );
  }
}

const seriesOf = (name: string, labels: Labels): string =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(",")}}`;

interface Route {
  name: string;
  /** Requests of a step and router, as a mean. */
  requests: number;
  backends: readonly string[];
  streaming: boolean;
}

const routes: readonly Route[] = [
  { name: "chat", requests: 12, backends: ["nova", "haiku", "opus"], streaming: true },
  { name: "batch", requests: 0.25, backends: ["llama"], streaming: false },
];

/** How attempts end, and how often of a thousand. */
const ends = [
  [3, { error_type: "internal" }],
  [5, { error_type: "throttled" }],
  [8, { error_type: "slow_first_token" }],
  [40, { switchyard_attempt_cancelled: "superseded" }],
  [1_000, {}],
] as const;

/** @param failing a backend of which a fifth of the attempts fails in the last quarter of an hour: then somebody should be woken */
export function noisyHour(seed: number, failing?: string): Record<string, string> {
  const random = seededRandom(seed);
  const played = new Played();
  for (let step = 0; step <= steps; step += 1) {
    if (step === restartAt) played.restart("b");
    for (const pod of pods) {
      const at = { namespace: "shop", pod };
      state(played, at, step, random);
      traffic(played, at, random, step > steps - 60 ? failing : undefined);
    }
    played.scrape(step);
  }
  return played.series();
}

function traffic(played: Played, at: Labels, random: Random, failing?: string): void {
  for (const route of routes)
    for (let left = poisson(route.requests, random); left > 0; left -= 1)
      request(played, at, route, random, failing);
}

function state(played: Played, at: Labels, step: number, random: Random): void {
  played.set("switchyard_requests_active", at, poisson(3, random));
  played.set("switchyard_table_unconfirmed", at, 30 * random());
  played.set("switchyard_records_dropped_total", at, 0);
  played.set("switchyard_limits_store_away", at, step === 90 ? 1 : 0);
  played.set("switchyard_operator_leader", at, at["pod"] === (step < 160 ? "a" : "b") ? 1 : 0);
  const budget = { ...at, switchyard_tenant: "acme", switchyard_limit: "budget_day_usd" };
  played.set("switchyard_limits_budget", budget, 100);
  played.set("switchyard_limits_used", budget, 40 + step / 40 + random());
  for (const backend of ["nova", "haiku", "opus", "llama"]) {
    // One router leaves one backend alone for three quarters of a minute.
    const isOut = backend === "opus" && at["pod"] === "a" && step >= 200 && step < 203;
    const labels = { ...at, switchyard_backend: backend, switchyard_state: "closed" };
    played.set("switchyard_backend_state", labels, isOut ? 0 : 1);
  }
  const quality = {
    ...at,
    switchyard_route: "chat",
    switchyard_objective: "quality",
    switchyard_assurance: "certified",
  };
  played.set("switchyard_route_objective", quality, 0.9);
  played.set(
    "switchyard_plan_cost_saved",
    { ...at, switchyard_route: "chat", switchyard_bound: "lower" },
    0.4,
  );
}

function request(played: Played, at: Labels, route: Route, random: Random, failing?: string): void {
  const of = { ...at, switchyard_route: route.name };
  const outcome = pick(
    [
      [1, "failed"],
      [10, "aborted"],
      [20, "limited"],
      [1_000, "answered"],
    ],
    random,
  );
  played.add("switchyard_requests_total", { ...of, switchyard_outcome: outcome });
  played.add("switchyard_choices_total", { ...of, switchyard_reason: "planned" });
  for (const objective of ["first_token", "total", "cost"]) {
    const result = random() < 0.02 ? "missed" : "kept";
    const labels = { ...of, switchyard_objective: objective, switchyard_objective_result: result };
    played.add("switchyard_objective_requests_total", labels);
  }
  played.add("switchyard_baseline_cost_usd_total", of, 0.01);
  attempt(played, of, route, random, failing);
  if (random() < 0.05) compared(played, of, random);
}

function attempt(played: Played, of: Labels, route: Route, random: Random, failing?: string): void {
  const backend = route.backends[Math.floor(random() * route.backends.length)] ?? "nova";
  const isBad = backend === failing && random() < 0.2;
  const end: Labels = isBad ? { error_type: "internal" } : pick(ends, random);
  const labels = { ...of, switchyard_backend: backend };
  played.add("switchyard_attempts_total", { ...labels, ...end });
  played.add("switchyard_cost_usd_total", labels, 0.004 + 0.002 * random());
  const first = logNormal(0.4, 0.6, random);
  const tokens = logNormal(180, 0.9, random);
  const seconds = first + tokens / 70;
  const isWhole = Object.keys(end).length === 0;
  // What is left early or beaten by its hedge has taken little more than a first content does.
  const took = isWhole ? seconds : first + 0.5;
  played.add("gen_ai_client_operation_duration_sum", { ...labels, ...end }, took);
  played.add("gen_ai_client_operation_duration_count", { ...labels, ...end });
  if (!isWhole) {
    if ("error_type" in end)
      played.add("switchyard_fallbacks_total", {
        ...labels,
        switchyard_fallback_reason: "ServerError",
      });
    return;
  }
  played.add("gen_ai_client_token_usage_sum", { ...labels, gen_ai_token_type: "output" }, tokens);
  if (!route.streaming) return;
  played.add("gen_ai_client_operation_time_to_first_chunk_sum", labels, first);
  played.add("gen_ai_client_operation_time_to_first_chunk_count", labels);
}

function compared(played: Played, of: Labels, random: Random): void {
  for (const [role, right] of [
    ["served", 0.93],
    ["baseline", 0.95],
  ] as const) {
    const labels = { ...of, switchyard_answer_role: role };
    played.add("switchyard_quality_answers_total", labels);
    played.add("switchyard_quality_score_total", labels, Number(random() < right));
  }
}

/** The first whose bound, of a thousand and beside those before it, is above the draw. */
function pick<T>(choices: readonly (readonly [perMille: number, choice: T])[], random: Random): T {
  let draw = random() * 1_000;
  for (const [perMille, choice] of choices) {
    if (draw < perMille) return choice;
    draw -= perMille;
  }
  throw new Error("The last choice takes what is left");
}

function logNormal(median: number, sigma: number, random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

function poisson(mean: number, random: Random): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}
