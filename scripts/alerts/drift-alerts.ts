// What the drift job found, and routes that nothing watches.
import { all, any, anyOf, figure, grown, maxBy, ofRoute, place, series, sumBy } from "./promql.ts";
import { type Alert, type Group, type Recording, threshold } from "./rule.ts";

const ofSeries = [
  "switchyard.route",
  "switchyard.backend",
  "switchyard.tenant",
  "switchyard.signal",
] as const;

/** The operator tells of many namespaces: that of the route, and not its own. */
const ofOwnNamespace = (selector: string): string =>
  `label_replace(${selector}, "namespace", "$1", "switchyard_namespace", "(.+)")`;

const gauges: readonly Recording[] = (["score", "threshold", "samples"] as const).map((name) => ({
  record: `series:switchyard_drift_${name}:max`,
  expr: maxBy(place(...ofSeries), ofOwnNamespace(series(`switchyard.drift.${name}`))),
}));

const isDrifted = (signals: readonly string[]): string =>
  `${maxBy(
    place(...ofSeries),
    ofOwnNamespace(
      series("switchyard.drift.state", {
        "switchyard.state": '="drifted"',
        "switchyard.signal": anyOf(signals),
      }),
    ),
  )} == 1`;

const of = (name: string): string =>
  figure(`series:switchyard_drift_${name}:max`, ofSeries, "humanize");
const found = `Score ${of("score")}, drifted from ${of("threshold")} on, over ${of("samples")} samples. The report of the drift job says since when, and guesses at the cause.`;
const where = "{{ $labels.switchyard_backend }} on route {{ $labels.switchyard_route }}";
const drifted = { tier: "ticket", severity: "ticket" } as const;

const promised = series("switchyard.route.objective", {
  "switchyard.objective": '="quality"',
  "switchyard.assurance": '="certified"',
});
const certified = maxBy(ofRoute, promised);
const window = `${threshold("unlabelledHours")}h`;
const labelled = sumBy(
  ofRoute,
  `increase(${series("switchyard.labels")}[${window}]) or increase(${series("switchyard.comparisons", { "switchyard.comparison.outcome": '="labelled"' })}[${window}])`,
);
/** The drift job judges these answers itself; a small set is asked within one scrape, which `increase` cannot see. */
const answered = series("switchyard.golden.requests", { "switchyard.outcome": '="answered"' });
const replayed = [`increase(${answered}[${window}])`, grown(answered, window)].map((each) =>
  sumBy(ofRoute, each),
);
const accuracyIs = (states: readonly string[]): string =>
  `${maxBy(
    ofRoute,
    ofOwnNamespace(
      series("switchyard.drift.state", {
        "switchyard.signal": '="accuracy"',
        "switchyard.state": anyOf(states),
      }),
    ),
  )} == 1`;

const ages = maxBy(place("switchyard.class"), ofOwnNamespace(series("switchyard.drift.age")));

const alerts: readonly Alert[] = [
  {
    ...drifted,
    alert: "SwitchyardLatencyDrift",
    expr: isDrifted(["first_token", "latency"]),
    summary: `Latency ({{ $labels.switchyard_signal }}) of ${where} has drifted`,
    description: found,
  },
  {
    ...drifted,
    alert: "SwitchyardAccuracyDrift",
    severity: "page",
    expr: isDrifted(["accuracy"]),
    summary: `Accuracy of ${where} has drifted`,
    description: found,
  },
  {
    ...drifted,
    alert: "SwitchyardBehaviourDrift",
    expr: isDrifted([
      "input_tokens",
      "output_tokens",
      "cost",
      "confidence",
      "finish_reason",
      "refusal",
      "fallback",
      "error",
    ]),
    summary: `{{ $labels.switchyard_signal }} of ${where} has drifted`,
    description: found,
  },
  {
    ...drifted,
    alert: "SwitchyardDriftStopped",
    for: "10m",
    expr: `${ages} > ${threshold("driftAgeHours")} * 3600`,
    summary:
      "The drift job of class {{ $labels.switchyard_class }} in {{ $labels.namespace }} looks no more",
    description:
      "It last looked {{ $value | humanizeDuration }} ago. What it found then is shown as if it still held, and what has moved since is not seen.",
  },
  {
    ...drifted,
    alert: "SwitchyardDriftUnwatched",
    for: "1h",
    expr: all(
      `${certified}\nand\n${maxBy(ofRoute, `${promised} offset ${window}`)}`,
      any(
        [certified, ...[labelled, ...replayed].map((each) => `${each} > 0`)].join("\nunless\n"),
        `${accuracyIs(["insufficient"])}\nunless\n${accuracyIs(["ok", "drifted"])}`,
      ),
    ),
    summary:
      "Nothing tells whether route {{ $labels.switchyard_route }} keeps its floor of quality",
    description: `It is Certified at {{ $value | humanizePercentage }}, but no golden set or shadow has labelled an answer of it within ${window}, or too few for the drift job to tell.`,
  },
];

export const driftGroups: readonly Group[] = [
  { name: "switchyard-drift", interval: "1m", recordings: gauges, alerts },
];
