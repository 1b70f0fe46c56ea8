import type { SeriesFinding } from "../finding.ts";
import { inPercent, inPoints, instant, inUnit, subjectOf } from "./figures.ts";

/** A finding that nobody has put into words. */
type Unspoken = Omit<SeriesFinding, "sentence">;

const longest = 1_024;

/** What a finding says, for people who have not read how it was made. */
export function sentenceOf(finding: Unspoken, missing: string | null): string {
  const subject = subjectOf(finding.key, finding.signal);
  if (missing !== null) return `${subject} cannot be judged: ${missing}.`.slice(0, longest);
  if (finding.state === "ok")
    return `${subject} is as it was: ${measured(finding)}.`.slice(0, longest);
  const since = finding.changedAt === null ? "" : ` since ${instant(finding.changedAt)}`;
  return `${subject} has changed${since}: ${measured(finding)}.${estimate(finding)}${why(finding)}`.slice(
    0,
    longest,
  );
}

function measured(finding: Unspoken): string {
  if (finding.signal === "accuracy") return accuracy(finding);
  if (finding.statistic === "share") return movedShare(finding);
  const { score, threshold, signal } = finding;
  const isPlain = signal === "confidence";
  const amount = (share: number | null) => (isPlain ? inPoints(share ?? 0) : inPercent(share ?? 0));
  const bounds = `${amount(threshold)} ${isPlain ? "are" : "is"} within bounds`;
  return `${movement(finding, amount(score))}, where ${bounds}`;
}

function movedShare(finding: Unspoken): string {
  const { category, direction, score, threshold, reference, current } = finding;
  const moved = `${category ?? "one"} is ${direction ?? "up"} by ${inPoints(score ?? 0)}`;
  const shares = `${inPercent(reference?.share ?? 0)} → ${inPercent(current?.share ?? 0)}`;
  return `${moved} (${shares}), where ${inPoints(threshold ?? 0)} are within bounds`;
}

function movement(finding: Unspoken, amount: string): string {
  const { statistic, direction, signal, reference, current } = finding;
  const pair = (name: "p50" | "p95") =>
    `${inUnit(reference?.[name] ?? 0, signal)} → ${inUnit(current?.[name] ?? 0, signal)}`;
  const way = direction ?? "up";
  if (statistic === "p50") return `its median is ${way} by ${amount} (${pair("p50")})`;
  if (statistic === "p95") return `its worst tenth is ${way} by ${amount} (P95 ${pair("p95")})`;
  return `requests moved ${way} by ${amount} on average (median ${pair("p50")}, P95 ${pair("p95")})`;
}

const judges = {
  golden: "the golden set",
  feedback: "clients' feedback",
  shadow: "the judge of shadows",
  confidence: "the classifier's confidence",
} as const;

function accuracy({ source, reference, current, state }: Unspoken): string {
  const judge = judges[source ?? "golden"];
  const was = reference === null ? "" : `${inPercent(reference.share ?? 0)} → `;
  const count = `${(current?.n ?? 0).toLocaleString("en-US")} ${source === "confidence" ? "requests" : "labels"}`;
  const surely = state === "drifted" ? "it has fallen" : "nothing shows that it has fallen";
  return `by ${judge} ${surely} (${was}${inPercent(current?.share ?? 0)} of ${count})`;
}

const estimate = ({ estimated }: Unspoken): string =>
  estimated ? " This is an estimate: nobody has judged the answers." : "";

const facts = {
  model: "the models that answered",
  region: "the regions that answered",
  tenant: "the tenants who asked",
  prompt_length: "the length of prompts",
} as const;

function why({ cause }: Unspoken): string {
  if (cause === null) return "";
  const moved = `${facts[cause.fact]} changed: ${cause.from}, ${cause.to}`;
  return cause.share === null
    ? ` At the same time ${moved}.`
    : ` ${inPercent(cause.share)} of the change is gone where one allows for this: ${moved}.`;
}
