// `npm run eval:drift`: how often a look raises a false alarm, and what it finds, in worlds that are
// made, and in fifty years of weather. Prints a table; `-- --json OUT` writes the figures.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { labelsUntilFound, medianLabels } from "./drift/accuracy-world.ts";
import { classicBounds, exponentialBounds } from "./drift/draw.ts";
import { lookAtMany } from "./drift/many-series.ts";
import { carrier, rainfallCsv } from "./drift/rainfall-data.ts";
import { lookAtRainfall, readWeather, type Rainfall } from "./drift/rainfall.ts";
import { shareRates } from "./drift/share-world.ts";
import { alarmRate, type LatencyWorld } from "./drift/world.ts";
import { seededRandom } from "../src/lib/index.ts";

const { values } = parseArgs({ options: { json: { type: "string" } } });
const startedAt = performance.now();

const percent = (share: number): string => `${(share * 100).toFixed(2).padStart(6)} %`;
const print = (name: string, figure: string): void => console.log(`  ${name.padEnd(66)}${figure}`);

const quarter = { factor: 1.25 };
const tail = { n: 3_000, slowShare: 0.05 };
const fine = () => exponentialBounds(3);
const renewed = (index: number) => (index < 20 ? classicBounds : exponentialBounds(3));

/** Name, world, runs. The first of each kind is what the targets are about. */
const latencyRows: readonly (readonly [string, Partial<LatencyWorld>, number])[] = [
  ["nothing changes, n = 1,000", {}, 10_000],
  ["nothing changes, n = 200", { n: 200 }, 2_000],
  ["nothing changes, n = 10,000", { n: 10_000 }, 400],
  ["nothing changes, days differ by 5 %", { daySd: 0.05 }, 2_000],
  ["nothing changes, a day keeps 60 % of the one before", { inertia: 0.6 }, 2_000],
  [
    "nothing changes, weekends 20 % faster with a third of traffic",
    { weekend: 0.2, weekendTraffic: 0.35 },
    2_000,
  ],
  ["nothing changes, an incident among the days before", { incident: 11 }, 2_000],
  ["nothing changes, exponential histograms", { boundsOf: fine }, 1_000],
  ["nothing changes but the bounds, on one of the days before", { boundsOf: renewed }, 1_000],
  ["nothing changes, one day judged by 14", { days: 15 }, 2_000],
  ["+25 %, n = 1,000", quarter, 2_000],
  ["+25 %, n = 1,000, on its first day", { ...quarter, changedDays: 1 }, 500],
  ["+25 %, n = 1,000, on its second day", { ...quarter, changedDays: 2 }, 500],
  ["+25 %, n = 1,000, one day judged by 14", { ...quarter, changedDays: 1, days: 15 }, 500],
  ["+25 %, n = 1,000, exponential histograms", { ...quarter, boundsOf: fine }, 500],
  ["+25 %, n = 1,000, the bounds changed as well", { ...quarter, boundsOf: renewed }, 500],
  ["+25 %, n = 1,000, days differ by 5 %", { ...quarter, daySd: 0.05 }, 1_000],
  ["+25 %, n = 1,000, an incident among the days before", { ...quarter, incident: 11 }, 500],
  ["+25 %, n = 1,000, narrow (sigma 0.15)", { ...quarter, sigma: 0.15 }, 500],
  [
    "+25 %, n = 1,000, narrow, exponential histograms",
    { ...quarter, sigma: 0.15, boundsOf: fine },
    500,
  ],
  ["+25 %, n = 1,000, wide (sigma 1)", { ...quarter, sigma: 1 }, 500],
  ["+15 %, n = 1,000", { factor: 1.15 }, 1_000],
  ["+25 %, n = 200", { ...quarter, n: 200 }, 1_000],
  ["5 % take four times as long, n = 3,000", tail, 1_000],
  ["5 % take four times as long, n = 1,000", { ...tail, n: 1_000 }, 1_000],
  ["5 % take four times as long, n = 3,000, exponential", { ...tail, boundsOf: fine }, 300],
  ["5 % take four times as long, n = 3,000, wide (sigma 0.8)", { ...tail, sigma: 0.8 }, 500],
  ["5 % take four times as long, n = 3,000, wider (sigma 1)", { ...tail, sigma: 1 }, 500],
];

console.log("Latency: alarms a series and day");
const latency = new Map(
  latencyRows.map(([name, world, runs], index) => {
    const rate = alarmRate(world, runs, index + 1);
    print(`${name} (${runs} runs)`, percent(rate));
    return [name, rate];
  }),
);

console.log("\nShares: alarms, and those of a plain chi² at 1 in 1,000");
const shareRows = [
  ["10 %, days differ by 15 %, n = 20,000", { n: 20_000, share: 0.1, daySd: 0.15, factor: 1 }, 200],
  ["1 %, days differ by 30 %, n = 1,000", { n: 1_000, share: 0.01, daySd: 0.3, factor: 1 }, 1_000],
  ["1 % becomes 4 %, n = 1,000", { n: 1_000, share: 0.01, daySd: 0.3, factor: 4 }, 500],
  ["10 % becomes 16 %, n = 1,000", { n: 1_000, share: 0.1, daySd: 0.1, factor: 1.6 }, 500],
] as const;
const shares = shareRows.map(([name, world, runs], index) => {
  const rates = shareRates(world, runs, 50 + index);
  print(`${name} (${runs} runs)`, `${percent(rates.found)}   ${percent(rates.byChiSquare)}`);
  return { name, ...rates };
});

console.log("\nMany series at once, days differ by 5 %: with and without Benjamini-Hochberg");
const many = [lookAtMany(20, 300, 0, 60), lookAtMany(10, 300, 30, 61)];
for (const one of many) {
  const total = one.looks * one.seriesPerLook;
  print(
    `${one.looks} looks at ${one.seriesPerLook}, of which ${one.changedPerLook} +25 %`,
    `false ${one.falseAlarms} and ${one.falseAlarmsUncontrolled} of ${total}; found ${percent(one.found)} and ${percent(one.foundUncontrolled)}`,
  );
}

console.log("\nAccuracy: the median of labels until found, looking every 100 (60 runs)");
const accuracyRows = [
  ["0.90 becomes 0.85, 200 labels a day", {}],
  ["0.90 becomes 0.80, 200 labels a day", { after: 0.8 }],
  ["0.90 becomes 0.70, 200 labels a day", { after: 0.7 }],
  ["0.90 becomes 0.85, 500 labels a day", { rate: 500 }],
  [
    "0.90 becomes 0.85, a golden set of 200 prompts daily",
    { rate: 200, source: "golden", prompts: 200 },
  ],
] as const;
const accuracy = accuracyRows.map(([name, world], index) => {
  const labels = medianLabels(world, 60, 100, 70 + index);
  print(name, String(labels).padStart(6));
  return { name, labels };
});
const quietRows = [
  ["0.90 stays, 300 runs of 5,000 labels: false alarms", { after: 0.9 }, 300],
  ["the same, and days differ by 2 points, 100 runs", { after: 0.9, daySd: 0.02 }, 100],
] as const;
const quiet = quietRows.map(([name, world, runs], index) => {
  const random = seededRandom(80 + index);
  const found = Array.from({ length: runs }, () => labelsUntilFound(world, 500, 5_000, random));
  const alarms = found.filter(Number.isFinite).length;
  print(name, String(alarms).padStart(6));
  return { name, runs, alarms };
});

const rainfall = await lookAtWeather();

const figures = {
  nullRate: latency.get("nothing changes, n = 1,000"),
  latency25At1000: latency.get("+25 %, n = 1,000"),
  tailAt3000: latency.get("5 % take four times as long, n = 3,000"),
  accuracyMedianLabels: accuracy[0]?.labels,
  accuracyFalseAlarms: quiet[0]?.alarms,
  latency: Object.fromEntries(latency),
  shares,
  many,
  accuracy,
  quiet,
  rainfall,
};
console.log(`\n${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);

async function lookAtWeather(): Promise<Rainfall | null> {
  console.log(`\nWeather at Bellevue, Nebraska, 1949-1999 (NOAA, carried by ${carrier} of PyPI)`);
  try {
    const found = lookAtRainfall(readWeather(await rainfallCsv()));
    print("accuracy of a model of the first 4,000 days, until day 12,000", percent(found.before));
    print("and from there, where the data's concept changes", percent(found.after));
    print(
      "labels after the change until found, looking every 25",
      String(found.labelsUntilFound).padStart(6),
    );
    print("the day that the finding says it changed on", String(found.datedRow).padStart(6));
    print(
      `false alarms before, in ${found.looksBefore} looks`,
      String(found.alarmsBefore).padStart(6),
    );
    print(
      `false alarms with these days shuffled, in ${found.shuffles * found.looksBefore} looks`,
      String(found.alarmsShuffled).padStart(6),
    );
    print(
      "years until the model's own confidence tells",
      String(found.windowsUntilEstimated ?? "never"),
    );
    return found;
  } catch (cause) {
    console.log(`  left out: ${cause instanceof Error ? cause.message : String(cause)}`);
    return null;
  }
}
