import { LiveQualitySums } from "../policy/index.ts";
import { emptyTally, plainEvidence, TooManyLabels, type EvidenceTally } from "../records/index.ts";
import { readEnvironment } from "./environment.ts";
import type { Report } from "./eval-shipped.ts";
import { liveReport } from "./live-report.ts";
import { openConfig } from "./open-config.ts";
import { livePage } from "./quality-page/live-page.ts";
import { openRecords } from "./record-places.ts";
import { tableOfFolder } from "./table-of-folder.ts";
import { timeRangeOf, type TimeRange } from "./time-range.ts";
import { UsageError } from "./usage-error.ts";

export interface LiveOptions {
  /** A folder or `s3://BUCKET/PREFIX`. */
  records: string;
  config?: string | undefined;
  namespace?: string | undefined;
  class?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** What the traffic of a group came to, by its records and labels. @throws UsageError */
export async function reportLive(options: LiveOptions): Promise<Report> {
  const environment = readEnvironment(process.env);
  const range = timeRangeOf(options, Date.now());
  const config = await openConfig(options, environment);
  const { routes } = tableOfFolder(config);
  const store = await openRecords(options.records, environment);
  const sums = new LiveQualitySums((route) =>
    Object.hasOwn(routes, route) ? routes[route]?.baseline : undefined,
  );
  const tally = emptyTally();
  try {
    for await (const row of plainEvidence(store).evidence({ ...range, ...config.group }, tally)) {
      sums.add(row);
    }
  } catch (error) {
    if (error instanceof TooManyLabels) throw new UsageError(error.message);
    throw error;
  } finally {
    store.close();
  }
  const found = sums.report();
  console.log(liveReport(found));
  tell(tally, range);
  const floors = Object.values(routes).map(({ quality }) => quality.floorPercent / 100);
  return { found, page: () => livePage(found, textOf(range), Math.max(0, ...floors)) };
}

const textOf = ({ since, until }: TimeRange): string =>
  `${since.toISOString()} to ${until.toISOString()}`;

function tell(
  { rows, orphanLabels, foreignLabels, broken }: EvidenceTally,
  range: TimeRange,
): void {
  if (rows === 0) {
    console.error(
      `No request from ${textOf(range)} is recorded: choose another --since or --until`,
    );
  }
  if (orphanLabels > 0)
    console.error(`Left out: ${orphanLabels} labels of requests that are not recorded`);
  if (foreignLabels > 0)
    console.error(
      `Left out: ${foreignLabels} labels of another tenant or route than their request's`,
    );
  if (broken > 0) console.error(`Left out: ${broken} lines or files that could not be read`);
}
