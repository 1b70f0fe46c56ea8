import { markup, type Markup, type Piece } from "../../lib/index.ts";
import { lasting } from "../hints/in-words.ts";

/** Looks of a state. Each has a sign of its own: nothing is told by colour alone. */
export type Tone = "good" | "notice" | "warning" | "urgent" | "quiet";

const signs: Readonly<Record<Tone, string>> = {
  good: "●",
  notice: "◆",
  warning: "▲",
  urgent: "■",
  quiet: "○",
};

export function chip(tone: Tone, text: string): Markup {
  return markup`<span class="chip ${tone}"><span aria-hidden="true">${signs[tone]}</span> ${text}</span>`;
}

export const nothing = markup`<span class="quiet">–</span>`;

/** What is not there shows as a dash. */
export function orNothing<T>(value: T | null, show: (value: T) => Piece): Piece {
  return value === null ? nothing : show(value);
}

export function small(text: Piece): Markup {
  return markup`<span class="small">${text}</span>`;
}

/** A moment, by how long ago it was; the moment itself shows where a pointer rests on it. */
export function ago(at: number, now: number): Markup {
  const moment = new Date(at).toISOString();
  return markup`<time datetime="${moment}" title="${moment}">${lasting(Math.max(0, now - at))} ago</time>`;
}

export interface Column<Row> {
  name: string;
  isNumber?: boolean;
  cell: (row: Row) => Piece;
}

interface TableParts<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** Tells a row from others over time, so that a refreshed page keeps it in its place. */
  keyOf: (row: Row) => string;
  toneOf?: (row: Row) => Tone | null;
}

/**
 * A table whose rows become cards where a screen is narrow. What it is to assistive technology is said with
 * roles: how it is laid out would take that from it.
 */
export function table<Row>({ caption, columns, rows, keyOf, toneOf }: TableParts<Row>): Markup {
  const [first, ...rest] = columns;
  const looks = ({ isNumber }: Column<Row>): string => (isNumber === true ? "number" : "text");
  const rowOf = (row: Row): Markup =>
    markup`<tr role="row" data-key="${keyOf(row)}" class="${toneOf?.(row) ?? ""}"><th role="rowheader" scope="row">${first?.cell(row) ?? ""}</th>${rest.map(
      (column) =>
        markup`<td role="cell" class="${looks(column)}" data-label="${column.name}">${column.cell(row)}</td>`,
    )}</tr>
`;
  return markup`<table role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map((column) => markup`<th role="columnheader" scope="col" class="${looks(column)}">${column.name}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map(rowOf)}</tbody></table>
`;
}

/** Names and what they are. */
export function facts(pairs: readonly (readonly [string, Piece])[]): Markup {
  return markup`<dl class="facts">${pairs.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
`;
}

export function section(id: string, title: string, body: Piece): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}</section>
`;
}

export function leftOut(count: number, noun: string): Piece {
  if (count === 0) return "";
  return markup`<p class="quiet">${count} more ${noun}${count === 1 ? "" : "s"} with less to tell: <a href="/table">/table</a> has all.</p>
`;
}
