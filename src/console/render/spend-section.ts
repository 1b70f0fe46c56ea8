import { markup, type Markup } from "../../lib/index.ts";
import type { BudgetRow, ConsoleView, SpendRow } from "../console-view.ts";
import { dollars, limitInWords, lasting, percent } from "../hints/in-words.ts";
import { addressOf, type Wish } from "../wish.ts";
import { bar } from "./drawings.ts";
import { savedText } from "./routes-section.ts";
import { leftOut, nothing, section, small, table, type Column, type Tone } from "./pieces.ts";

export function spendSection({ spend, leftOut: left, at, pod }: ConsoleView, wish: Wish): Markup {
  if (spend.length === 0) {
    return section("spend", "Spend", small("No tenant has spent anything at this router yet."));
  }
  const body = [
    table({
      caption: `Spent through this router since it began ${lasting(at - pod.startedAt)} ago; budgets as their store last told it`,
      columns: columnsFor(wish),
      rows: spend,
      keyOf: ({ tenant }) => tenant,
      toneOf: ({ budgets }) => toneOf(Math.max(0, ...budgets.map(({ share }) => share))),
    }),
    leftOut(left.spend, "tenant"),
  ];
  return section("spend", "Spend", body);
}

function toneOf(share: number): Tone | null {
  if (share >= 1) return "urgent";
  return share >= 0.9 ? "warning" : null;
}

const columnsFor = (wish: Wish): readonly Column<SpendRow>[] => [
  {
    name: "Tenant",
    cell: ({ tenant }) =>
      markup`<a href="${addressOf(wish, { filter: { tenant } }, "#requests")}">${tenant}</a>`,
  },
  { name: "Requests", isNumber: true, cell: ({ requests }) => requests.toLocaleString("en-US") },
  { name: "Cost", isNumber: true, cell: ({ costUsd }) => dollars(costUsd) },
  {
    name: "Baseline's",
    isNumber: true,
    cell: ({ baselineUsd, savedShare }) => [dollars(baselineUsd), small(savedText(savedShare))],
  },
  {
    name: "Budgets",
    cell: ({ budgets }) => (budgets.length === 0 ? nothing : budgets.map(budget)),
  },
];

function budget({ limit, unit, used, most, share, onExceeded }: BudgetRow): Markup {
  const amount = (value: number): string =>
    unit === "USD" ? dollars(value) : Math.round(value).toLocaleString("en-US");
  const text = `${limitInWords(limit)}: ${amount(used)} of ${amount(most)}${unit === "tokens" ? " tokens" : ""}, ${percent(share)}`;
  return markup`<div class="budget">${bar(share, text)}<span>${text}</span> ${small(then[onExceeded])}</div>`;
}

const then: Readonly<Record<BudgetRow["onExceeded"], string>> = {
  Reject: "then refuses",
  Downgrade: "then the cheapest",
  Observe: "only observes",
};
