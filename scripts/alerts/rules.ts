import { stringify } from "yaml";
import { backendGroups } from "./backend-alerts.ts";
import { burnGroups } from "./burn-rates.ts";
import { driftGroups } from "./drift-alerts.ts";
import { limitGroups } from "./limit-alerts.ts";
import { processGroups } from "./process-alerts.ts";
import { routeGroups } from "./route-alerts.ts";
import type { Alert, Group } from "./rule.ts";
import { thresholds, type Threshold } from "./thresholds.ts";

const groups: readonly Group[] = [
  ...backendGroups,
  ...burnGroups,
  ...routeGroups,
  ...limitGroups,
  ...processGroups,
  ...driftGroups,
];

/** What stands for the address of docs/runbooks.md until a person's is put in. */
const runbooksPlaceholder = "${runbooks}";

/** Groups in the form of Prometheus' rule files, which is that of a PrometheusRule's `spec`, with thresholds as `${NAME}`. */
export function rulesText(): string {
  const document = { groups: groups.map(wireGroup) };
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

/**
 * Puts thresholds into a text of rules.
 *
 * @param changes in place of the defaults
 */
export function withThresholds(
  text: string,
  runbooks: string,
  changes: Partial<Record<Threshold, number>> = {},
): string {
  const filled = Object.entries(thresholds).reduce(
    (rules, [name, { value }]) =>
      rules.replaceAll(`\${${name}}`, String(changes[name as Threshold] ?? value)),
    text.replaceAll(runbooksPlaceholder, runbooks),
  );
  const [unknown] = /\$\{\w+\}/.exec(filled) ?? [];
  if (unknown !== undefined) throw new Error(`No threshold is called ${unknown}`);
  return filled;
}

function wireGroup({ name, interval, recordings, alerts }: Group) {
  return {
    name,
    ...(interval !== undefined && { interval }),
    rules: [...recordings, ...alerts.map(wireAlert)],
  };
}

function wireAlert(rule: Alert) {
  const {
    alert,
    expr,
    for: pending,
    keepFiringFor,
    tier,
    severity,
    labels,
    summary,
    description,
  } = rule;
  return {
    alert,
    expr,
    ...(pending !== undefined && { for: pending }),
    ...(keepFiringFor !== undefined && { keep_firing_for: keepFiringFor }),
    labels: { ...labels, tier, severity },
    annotations: {
      summary,
      description,
      runbook_url: `${runbooksPlaceholder}#${alert.toLowerCase()}`,
    },
  };
}
