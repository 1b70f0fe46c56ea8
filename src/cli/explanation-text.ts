import type { ExplainedCandidate, ExplainedPlan, Explanation } from "../routing/index.ts";
import { visibleText } from "./visible-text.ts";

/** An explanation for people: a sentence, what it rests on, and a table of the candidates. */
export function explanationText(explanation: Explanation): string {
  const { candidates } = explanation;
  const lines = [headline(explanation), ...facts(explanation).map((fact) => `  ${fact}`)];
  if (candidates.length > 0) lines.push("", candidateTable(candidates));
  const dropped = candidates.filter((each) => each.dropped?.message);
  if (dropped.length > 0) lines.push("");
  for (const each of dropped) lines.push(`  ${each.backend}: ${each.dropped?.message ?? ""}`);
  return lines.map(visibleLine).join("\n");
}

/** Lines are ours; what stands in them may be anybody's. */
const visibleLine = (line: string): string => line.split("\n").map(visibleText).join("\n");

function headline({ route, tenant, chosen, reason, because }: Explanation): string {
  const who = tenant === null ? "" : ` for ${tenant}`;
  if (chosen === null) return `${route}${who}: nothing serves: ${because}`;
  return `${route}${who}: ${chosen} (${reason ?? "unknown"}): ${because}`;
}

function facts(explanation: Explanation): string[] {
  const { confidence, confidenceSource, unfamiliar, classifier, planRefusal } = explanation;
  const found = [qualityText(explanation), envelopeText(explanation)];
  if (confidence !== null) {
    const model = classifier === null ? "" : `, model ${classifier.slice(0, 12)}`;
    found.push(`confidence   ${percent(confidence)}, by ${confidenceSource ?? "-"}${model}`);
  }
  if (unfamiliar.length > 0) found.push(`unfamiliar   ${unfamiliar.join(", ")}`);
  if (explanation.arm !== null) found.push(`arm          ${explanation.arm}`);
  if (explanation.plan !== null) found.push(...planTexts(explanation.plan));
  if (planRefusal !== null) found.push(`plan         not followed: ${planRefusal}`);
  return found.filter((each) => each !== null);
}

function qualityText({ floorPercent, assurance, baseline }: Explanation): string | null {
  if (floorPercent === null || baseline === null) return null;
  return `floor        ${floorPercent} % of ${baseline}'s correctness, ${assurance ?? "-"}`;
}

function envelopeText({ envelope, envelopeMissed }: Explanation): string | null {
  const { firstTokenP95Ms, totalP95Ms, maxMicroUsd } = envelope ?? {};
  const bounds = [
    firstTokenP95Ms === undefined ? null : `first token ${firstTokenP95Ms} ms`,
    totalP95Ms === undefined ? null : `whole ${totalP95Ms} ms`,
    maxMicroUsd === undefined ? null : `$${maxMicroUsd / 1e6}`,
  ].filter((each) => each !== null);
  if (envelopeMissed) bounds.push("missed by the first of the chain");
  return bounds.length === 0 ? null : `envelope     ${bounds.join(", ")}`;
}

function planTexts({ digest, whose, rollout, lambda, certificate, kept, saved }: ExplainedPlan) {
  const own = whose === "tenant" ? "the tenant's own" : "the route's pooled one";
  const texts = [
    `plan         ${own}, ${digest.slice(0, 12)}, ${rollout}; λ ${lambda.toPrecision(4)} a dollar`,
    certificate === null
      ? "certificate  none"
      : `certificate  ${certificate.floorPercent} % kept, by ${certificate.lowerBound.toFixed(4)} at least${basis(certificate)}; until ${certificate.expiresAt}`,
  ];
  if (kept !== null) texts.push(`kept         ${interval(kept)} of the baseline's correctness`);
  if (saved !== null) texts.push(`saved        ${interval(saved)} of the baseline's cost`);
  return texts;
}

function basis({ confidence, labels }: NonNullable<ExplainedPlan["certificate"]>): string {
  const sure = confidence === null ? "" : ` at ${percent(confidence)} confidence`;
  return labels === null ? sure : `${sure}, from ${labels} labels`;
}

function interval({ estimate, lower, upper }: NonNullable<ExplainedPlan["kept"]>): string {
  return `${percent(estimate)} (${percent(lower)} to ${percent(upper)})`;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const head = ["", "backend", "correct", "expected", "long", "first", "whole", "value", "dropped"];

function candidateTable(candidates: readonly ExplainedCandidate[]): string {
  const rows = [head, ...candidates.map(rowOf)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}

function rowOf(candidate: ExplainedCandidate): string[] {
  const { place, backend, correct, value, handicap, inEnvelope, dropped } = candidate;
  const held = handicap === null || handicap === 0 ? "" : ` (−${handicap})`;
  return [
    place === null ? "" : `${place}.`,
    backend,
    correct === null ? "-" : correct.toFixed(3),
    dollars(candidate.expectedUsd),
    dollars(candidate.longUsd),
    millis(candidate.firstTokenP95Ms),
    millis(candidate.totalP95Ms),
    value === null ? "-" : `${value.toFixed(4)}${held}`,
    dropped?.limit ?? (inEnvelope === false ? "outside the envelope" : ""),
  ];
}

const dollars = (usd: number | null): string => (usd === null ? "-" : `$${usd.toFixed(7)}`);
const millis = (ms: number | null): string => (ms === null ? "-" : `${Math.round(ms)} ms`);
