import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { rulesText, withThresholds } from "../../../scripts/alerts/rules.ts";
import type { Threshold } from "../../../scripts/alerts/thresholds.ts";
import { promtool } from "../prometheus/promtool.ts";
import { stepSeconds } from "./played-series.ts";

export interface FiredAlert {
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
}

/** Series that play for a while, and what an alert does at a moment of it. */
export interface Story {
  /** Each in promtool's notation, by its name and labels. */
  series: Readonly<Record<string, string>>;
  alert: string;
  /** When, as in "32m". */
  at: string;
  /** None: it must not fire. */
  fires: readonly FiredAlert[];
  thresholds?: Partial<Record<Threshold, number>>;
}

const runbooks = "https://runbooks.example/switchyard";

/** @throws Error with what promtool says where the alert does something else */
export async function play({ series, alert, at, fires, thresholds = {} }: Story): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "switchyard-story-"));
  try {
    await writeFile(join(folder, "rules.yaml"), withThresholds(rulesText(), runbooks, thresholds));
    const test = {
      rule_files: ["rules.yaml"],
      evaluation_interval: `${stepSeconds}s`,
      tests: [
        {
          interval: `${stepSeconds}s`,
          input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
          alert_rule_test: [
            {
              eval_time: at,
              alertname: alert,
              exp_alerts: fires.map(({ labels, annotations }) => ({
                exp_labels: labels,
                exp_annotations: {
                  ...annotations,
                  runbook_url: `${runbooks}#${alert.toLowerCase()}`,
                },
              })),
            },
          ],
        },
      ],
    };
    const file = join(folder, "story.yaml");
    await writeFile(file, stringify(test, { lineWidth: 0 }));
    await promtool("test", "rules", file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
