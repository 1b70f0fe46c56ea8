import { markdownTable } from "../../pages/index.ts";
import type { GoldenAnswer, GoldenResult } from "./run-golden.ts";

/** How one candidate did. */
export interface CandidateReport {
  backend: string;
  asked: number;
  judged: number;
  /** Why there is no score, with how often. */
  problems: Readonly<Record<string, number>>;
  /** Mean score of what was judged, with its 95 % interval; null where nothing was. */
  correct: { share: number; lower: number; upper: number } | null;
  costUsd: number;
  judgingUsd: number;
  /** Median from asking to the answer, in milliseconds, as whoever replayed saw it; null without an answer. */
  p50Ms: number | null;
}

export interface GoldenReport {
  set: string;
  route: string;
  /** Whether every question was asked of every candidate, and judged. */
  complete: boolean;
  candidates: readonly CandidateReport[];
}

export function reportGolden({
  set,
  route,
  candidates,
  answers,
  planned,
}: GoldenResult): GoldenReport {
  return {
    set,
    route,
    complete: answers.length === planned && answers.every(({ score }) => score !== null),
    candidates: candidates.map((backend) =>
      reportCandidate(
        backend,
        answers.filter(({ candidate }) => candidate === backend),
      ),
    ),
  };
}

function reportCandidate(backend: string, answers: readonly GoldenAnswer[]): CandidateReport {
  const scores = answers.flatMap(({ score }) => score ?? []);
  const problems: Record<string, number> = {};
  for (const { problem } of answers)
    if (problem !== null) problems[problem] = (problems[problem] ?? 0) + 1;
  const sumOf = (amount: (answer: GoldenAnswer) => number) =>
    answers.reduce((sum, answer) => sum + amount(answer), 0);
  return {
    backend,
    asked: answers.length,
    judged: scores.length,
    problems,
    correct: scores.length === 0 ? null : meanOf(scores),
    costUsd: sumOf(({ costUsd }) => costUsd),
    judgingUsd: sumOf(({ judgingUsd }) => judgingUsd),
    p50Ms: medianOf(answers.filter(({ score }) => score !== null).map(({ ms }) => ms)),
  };
}

/** Two-sided 95 %. */
const z = 1.959964;

/** By Wilson's interval, which for scores between 0 and 1 is rather too wide than too narrow. */
function meanOf(scores: readonly number[]): { share: number; lower: number; upper: number } {
  const n = scores.length;
  const share = scores.reduce((sum, score) => sum + score, 0) / n;
  const centre = share + z ** 2 / (2 * n);
  const reach = z * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  const whole = 1 + z ** 2 / n;
  return {
    share,
    lower: Math.max(0, (centre - reach) / whole),
    upper: Math.min(1, (centre + reach) / whole),
  };
}

function medianOf(values: readonly number[]): number | null {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? null;
}

/** For people. */
export function goldenTable({ set, route, complete, candidates }: GoldenReport): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const rows = candidates.map(({ backend, asked, judged, problems, correct, ...costs }) => [
    backend,
    correct === null ? "–" : percent(correct.share),
    correct === null ? "–" : `${percent(correct.lower)} – ${percent(correct.upper)}`,
    `${judged} of ${asked}`,
    `$${costs.costUsd.toFixed(6)}`,
    `$${costs.judgingUsd.toFixed(6)}`,
    costs.p50Ms === null ? "–" : `${Math.round(costs.p50Ms)} ms`,
    Object.entries(problems)
      .map(([problem, count]) => `${problem} ${count}`)
      .join(", "),
  ]);
  const head = ["backend", "correct", "95 %", "judged", "cost", "judging", "p50", "problems"];
  const note = complete ? "" : "\n\nNot every question was answered and judged.";
  return `Golden set ${set} on the route ${route}\n\n${markdownTable({ head, rows })}${note}`;
}
