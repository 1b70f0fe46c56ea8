import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { rulesText, withThresholds } from "../../../scripts/alerts/rules.ts";
import { prometheusBinaries, prometheusBuildLimitMs, promtool } from "../prometheus/promtool.ts";

/** An alert as it fires, without its name and its runbook, which follow from each other. */
export interface Fired {
  labels: Readonly<Record<string, string>>;
  summary: string;
  description: string;
}

/** Series that play for a while, and what an alert does at a moment of it. */
export interface Story {
  what: string;
  /** Each in promtool's notation, by its name and labels. */
  series: Readonly<Record<string, string>>;
  /** When, as in "32m". */
  at: string;
  /** Absent: it must not fire. */
  fires?: readonly Fired[];
  /** Between two samples, and between two evaluations unless told; absent: that of `played-series.ts`. */
  stepSeconds?: number;
  evaluationSeconds?: number;
}

interface RuleGroup {
  name: string;
  rules: readonly { alert?: string; record?: string }[];
}

const runbooks = "https://runbooks.example/switchyard";
const everyGroup = (
  parse(withThresholds(rulesText(), runbooks)) as { groups: readonly RuleGroup[] }
).groups;

/** The groups that an alert is in, and those whose recordings they read: a story of days need not evaluate the rest. */
function groupsFor(alert: string): RuleGroup[] {
  const wanted = new Set(
    everyGroup.filter(({ rules }) => rules.some((rule) => rule.alert === alert)),
  );
  for (const group of wanted) {
    const text = JSON.stringify(group);
    for (const other of everyGroup)
      if (other.rules.some(({ record }) => record !== undefined && text.includes(record)))
        wanted.add(other);
  }
  return everyGroup.filter((group) => wanted.has(group));
}

/**
 * What fires at any time of a tale that is played to all rules.
 *
 * @throws Error with what promtool says where that is something else
 */
export async function playToAll(
  series: Story["series"],
  minutes: number,
  firing: readonly string[],
): Promise<void> {
  await runPromtool(everyGroup, {
    evaluation_interval: "15s",
    tests: [
      {
        interval: "15s",
        input_series: inputOf(series),
        promql_expr_test: [
          {
            expr: `count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[${minutes}m]))`,
            eval_time: `${minutes}m`,
            exp_samples: firing.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
          },
        ],
      },
    ],
  });
}

/** A test for each story of an alert. */
export function tellStories(alert: string, stories: readonly Story[]): void {
  beforeAll(async () => {
    await prometheusBinaries();
  }, prometheusBuildLimitMs);

  it.each(stories)("$what", async (story) => {
    await expect(play(alert, story)).resolves.toBeUndefined();
  });
}

/** @throws Error with what promtool says where the alert does something else */
async function play(
  alert: string,
  { series, at, fires = [], stepSeconds = 15, evaluationSeconds = stepSeconds }: Story,
): Promise<void> {
  await runPromtool(groupsFor(alert), {
    evaluation_interval: `${evaluationSeconds}s`,
    tests: [
      {
        interval: `${stepSeconds}s`,
        input_series: inputOf(series),
        alert_rule_test: [
          { eval_time: at, alertname: alert, exp_alerts: fires.map(expectedOf(alert)) },
        ],
      },
    ],
  });
}

const inputOf = (series: Story["series"]): object[] =>
  Object.entries(series).map(([name, values]) => ({ series: name, values }));

async function runPromtool(groups: readonly RuleGroup[], test: object): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "switchyard-story-"));
  const order = { group_eval_order: groups.map(({ name }) => name) };
  try {
    await writeFile(join(folder, "rules.yaml"), stringify({ groups }));
    await writeFile(
      join(folder, "story.yaml"),
      stringify({ rule_files: ["rules.yaml"], ...order, ...test }, { lineWidth: 0 }),
    );
    await promtool("test", "rules", join(folder, "story.yaml"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const expectedOf =
  (alert: string) =>
  ({ labels, summary, description }: Fired) => ({
    exp_labels: labels,
    exp_annotations: {
      summary,
      description,
      runbook_url: `${runbooks}#${alert.toLowerCase()}`,
    },
  });
