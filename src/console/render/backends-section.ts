import type { Markup, Piece } from "../../lib/index.ts";
import type { BackendRow, ConsoleView } from "../console-view.ts";
import { counted, inWords, lasting, millis, percent } from "../hints/in-words.ts";
import { chip, leftOut, section, small, table, type Column, type Tone } from "./pieces.ts";

const states: Readonly<Record<BackendRow["state"], readonly [Tone, string]>> = {
  closed: ["good", "ready"],
  half_open: ["notice", "tried again"],
  open: ["urgent", "ejected"],
};

export function backendsSection({ backends, leftOut: left, at }: ConsoleView): Markup {
  const body = [
    table({
      caption: "Breakers and queues of this router; another router may see a backend otherwise",
      columns: columnsAt(at),
      rows: backends,
      keyOf: ({ backend }) => backend,
      toneOf: ({ state }) => states[state][0],
    }),
    leftOut(left.backends, "backend"),
  ];
  return section("backends", "Backends", body);
}

const columnsAt = (at: number): readonly Column<BackendRow>[] => [
  {
    name: "Backend",
    cell: ({ backend, model, region, tier }) => [backend, small(`${model} · ${region} · ${tier}`)],
  },
  { name: "State", cell: (row) => [chip(...states[row.state]), small(stateText(row, at))] },
  {
    name: "Open calls",
    isNumber: true,
    cell: ({ inFlight, mostInFlight, queued }) => [
      mostInFlight === null ? `${inFlight}` : `${inFlight} of ${mostInFlight}`,
      queued === 0 ? "" : small(`${queued} waiting`),
    ],
  },
  {
    name: "Failing lately",
    isNumber: true,
    cell: ({ errorShare, failuresInRow }) => [
      percent(errorShare),
      failuresInRow < 2 ? "" : small(`${failuresInRow} in a row`),
    ],
  },
  { name: "Slow lately", isNumber: true, cell: ({ slowShare }) => percent(slowShare) },
  {
    name: "Expected next",
    isNumber: true,
    cell: ({ firstTokenP95Ms, tokensPerSecond }): Piece => [
      `first token P95 ${millis(firstTokenP95Ms)}`,
      small(`then ${Math.round(tokensPerSecond)} tokens a second`),
    ],
  },
];

function stateText({ state, sinceAt, reason, probeAt, routes }: BackendRow, at: number): string {
  if (state === "closed")
    return routes.length === 0 ? "no route uses it" : counted(routes.length, "route");
  const since = sinceAt === null ? "" : ` for ${lasting(at - sinceAt)}`;
  const why = reason === null ? "" : `, by ${inWords(reason)}`;
  const next = probeAt === null ? "" : `; next probe in ${lasting(Math.max(0, probeAt - at))}`;
  return `${since}${why}${next}`.trim();
}
