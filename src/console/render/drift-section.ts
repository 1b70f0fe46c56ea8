import { markup, type Markup, type Piece } from "../../lib/index.ts";
import type { DriftFinding, DriftState } from "../../table/index.ts";
import type { ConsoleView, DriftRow, DriftView } from "../console-view.ts";
import { inWords, lasting } from "../hints/in-words.ts";
import { ago, chip, orNothing, section, small, table, type Column, type Tone } from "./pieces.ts";

const states: Readonly<Record<DriftState, readonly [Tone, string]>> = {
  ok: ["good", "as before"],
  drifted: ["warning", "drifted"],
  insufficient: ["quiet", "too little data"],
};

export function driftSection({ drift, at }: ConsoleView): Markup {
  if (drift.lookedAt === null) {
    return section(
      "drift",
      "Drift",
      small(`There is no drift report yet: ${drift.why ?? "nobody has made one"}.`),
    );
  }
  const body = [
    markup`<p>${headline(drift, drift.lookedAt, at)}</p>
`,
    table({
      caption: "What the drift job found, by route",
      columns: columnsAt(at),
      rows: drift.routes,
      keyOf: ({ route }) => route,
      toneOf: ({ drifted }) => (drifted.length === 0 ? null : "warning"),
    }),
    drift.missing.length === 0
      ? ""
      : markup`<p class="quiet">Could not be looked at:</p><ul class="quiet">${drift.missing.map((each) => markup`<li>${each}</li>`)}</ul>
`,
  ];
  return section("drift", "Drift", body);
}

function headline({ source, hasPage }: DriftView, lookedAt: number, at: number): Piece {
  return [
    "The drift job looked ",
    ago(lookedAt, at),
    source === null ? "" : `, at ${source}`,
    ". ",
    hasPage ? markup`<a href="/console/drift.html">The whole report, with its plots</a>` : "",
  ];
}

const columnsAt = (at: number): readonly Column<DriftRow>[] => [
  { name: "Route", cell: ({ route }) => route },
  { name: "Latency and shares", cell: ({ latency }) => chip(...states[latency]) },
  {
    name: "Accuracy",
    cell: ({ accuracy }) => orNothing(accuracy, (each) => chip(...states[each])),
  },
  {
    name: "Envelope",
    cell: ({ envelope }) => orNothing(envelope, (each) => chip(...states[each])),
  },
  {
    name: "What changed",
    cell: ({ drifted, watched, pinnedSince }) => [
      pinnedSince === null
        ? ""
        : markup`<div>${chip("warning", `pinned for ${lasting(at - pinnedSince)}`)}</div>`,
      drifted.length === 0
        ? small(`nothing of ${watched} series`)
        : drifted.map((each) => finding(each, at)),
    ],
  },
];

function finding({ sentence, changedAt, cause }: DriftFinding, at: number): Markup {
  const why =
    cause === null
      ? ""
      : `; with it the ${inWords(cause.fact)} went from ${cause.from} to ${cause.to}`;
  const since = changedAt === null ? "nobody can tell when" : ["changed ", ago(changedAt, at)];
  return markup`<div class="finding">${sentence} ${small([since, why])}</div>`;
}
