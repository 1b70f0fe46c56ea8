import { reasons, type ConditionType, type Finding } from "../../api/index.ts";

/** As many as a person reads in a column of text. */
const mostFindings = 5;
const longestMessage = 4_096;

/** Those that speak of a condition being so. */
export function findingsOn(
  findings: readonly Finding[],
  condition: ConditionType,
  status: "True" | "False",
): Finding[] {
  return findings.filter(({ reason }) => {
    const entry = reasons[reason];
    return entry.condition === condition && entry.status === status;
  });
}

/** Findings as one message; each names its field. */
export function messageOf(findings: readonly Finding[]): string {
  const told = findings.slice(0, mostFindings).map(sentence);
  const more = findings.length - told.length;
  const rest = more > 0 ? [`There are ${more} more problems.`] : [];
  return [...told, ...rest].join(" ").slice(0, longestMessage);
}

function sentence({ path, message }: Finding): string {
  return path === undefined || path === "" ? message : `${path}: ${message}`;
}
