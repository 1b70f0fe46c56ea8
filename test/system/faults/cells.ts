import { boundOf, type Bound, type Outcome } from "./outcome.ts";
import { rows, type Row } from "./rows.ts";
import type { ProviderType } from "./wire.ts";

/** One row, asked whole or streamed, with one candidate ill or both. */
export interface Cell {
  title: string;
  /** Short and its own: routes, backends and models of the cell are named by it. */
  name: string;
  row: Row;
  outcome: Outcome;
  streamed: boolean;
  everywhere: boolean;
  /** The models that the cell's two candidates are called by: the ill one's first. */
  models: readonly [ill: string, second: string];
}

export function cellsOf(provider: ProviderType): Cell[] {
  const cells: Cell[] = [];
  for (const row of rows) {
    if (row.only !== undefined && row.only !== provider) continue;
    for (const streamed of [false, true]) {
      const outcome = outcomeOf(row, streamed ? "stream" : "whole", provider);
      if (outcome === undefined) continue;
      for (const everywhere of [false, true]) {
        cells.push(makeCell({ row, outcome, streamed, everywhere }, cells.length, provider));
      }
    }
  }
  return cells;
}

function outcomeOf(
  row: Row,
  form: "whole" | "stream",
  provider: ProviderType,
): Outcome | undefined {
  const special = provider === "SageMaker" ? row.sageMaker?.[form] : undefined;
  return special ?? row[form];
}

type Coordinates = Pick<Cell, "row" | "outcome" | "streamed" | "everywhere">;

function makeCell(at: Coordinates, index: number, provider: ProviderType): Cell {
  const name = `c${index}`;
  const ill = provider === "Bedrock" ? `amazon.nova-${name}-v1:0` : `endpoint-${name}`;
  const form = at.streamed ? "streamed" : "whole";
  const where = at.everywhere ? "all candidates" : "the first candidate";
  const second = at.everywhere ? ill : "amazon.nova-lite-v1:0";
  return { ...at, name, title: `${at.row.fault}: ${form}, ${where}`, models: [ill, second] };
}

/** Far above what a busy machine needs, so that only a row's own bound is ever run into. */
const roomy = { firstToken: "20s", idle: "20s", total: "30s" };

const roomyUntil = (total: string) => ({ firstToken: total, idle: total, total });

const tight: Readonly<Record<Bound, Partial<typeof roomy>>> = {
  // Not every client counts the handshake to the connection: the total ends it then.
  connect: roomyUntil("1s"),
  firstToken: { firstToken: "400ms" },
  idle: { idle: "400ms" },
  // No other bound may be longer than the total.
  total: roomyUntil("1s"),
};

export function timeoutsOf(cell: Cell, index: number): Record<string, string> {
  const { outcome } = cell;
  const bound = boundOf(outcome);
  // Clients are shared by backends that are reached alike: no cell is to inherit another's state.
  const isShort = bound === "connect" || bound === "total";
  const connect = `${(isShort ? 700 : 3_000) + index}ms`;
  // A stream's first token must have had time to come before the total ends it.
  if (outcome.kind === "breaks" && bound === "total") return { ...roomyUntil("3s"), connect };
  return { ...roomy, connect, ...(bound === undefined ? {} : tight[bound]) };
}
