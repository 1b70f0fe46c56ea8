import { markup, type Markup, type Piece } from "../../lib/index.ts";
import type { RequestRecord } from "../../records/index.ts";
import { counted, dollars, inWords, millis } from "../hints/in-words.ts";
import { matching } from "../read-model/matching.ts";
import { addressOf, outcomeFilters, type OutcomeFilter, type Wish } from "../wish.ts";
import { chip, orNothing, section, small, table, type Column } from "./pieces.ts";
import { chainText, endOf, notesOf } from "./request-words.ts";

/** As many rows as are looked through at a glance. */
const usually = 40;

/** The last requests, and the form that picks some of them. */
export function requestsSection(requests: readonly RequestRecord[], wish: Wish): Markup {
  const found = matching(requests, wish.filter).toSorted((left, right) =>
    right.ts.localeCompare(left.ts),
  );
  const shown = wish.all ? found : found.slice(0, usually);
  const body = [
    form(requests, wish),
    markup`<p class="quiet" id="found">${foundText(found.length, requests.length)}</p>
`,
    found.length === 0
      ? ""
      : table({
          caption: "Newest first, times in UTC; a request's time opens its explanation",
          columns: columnsFor(wish),
          rows: shown,
          keyOf: ({ request_id: id }) => id,
          toneOf: (record) => (record.request_id === wish.request ? "notice" : null),
        }),
    shown.length === found.length
      ? ""
      : markup`<p><a href="${addressOf(wish, { all: true }, "#requests")}">Show all ${found.length}</a></p>
`,
  ];
  const whose = wish.scope === "group" ? " of this router" : "";
  return section("requests", `Last requests${whose}`, body);
}

function foundText(found: number, all: number): string {
  if (all === 0) return "No request has ended yet.";
  return `${found} of the last ${counted(all, "request")}. Those that went other than planned are kept longer than the rest.`;
}

const outcomes: Readonly<Record<OutcomeFilter, string>> = {
  any: "any",
  unplanned: "other than planned",
  answered: "answered",
  fallback: "fell back",
  failed: "failed",
  limited: "limited (429)",
  refused: "refused (4xx)",
  aborted: "client left",
};

function form(requests: readonly RequestRecord[], wish: Wish): Markup {
  const { filter, scope, request, all } = wish;
  const names = (of: (record: RequestRecord) => string | null, chosen: string): string[] => {
    const found = requests.map(of).filter((each) => each !== null);
    return [...new Set([...found, ...(chosen === "" ? [] : [chosen])])].toSorted();
  };
  const option = (value: string, text: string, chosen: string): Markup =>
    value === chosen
      ? markup`<option value="${value}" selected>${text}</option>`
      : markup`<option value="${value}">${text}</option>`;
  const choice = (name: string, label: string, values: Piece): Markup =>
    markup`<label>${label} <select name="${name}">${values}</select></label>
`;
  const anyOf = (all: readonly string[], chosen: string): Piece => [
    option("", "all", chosen),
    ...all.map((each) => option(each, each, chosen)),
  ];
  return markup`<form method="get" action="/console#requests" class="filter" role="search" aria-label="Requests">
${scope === "group" ? markup`<input type="hidden" name="scope" value="group">` : ""}${request === null ? "" : markup`<input type="hidden" name="request" value="${request}">`}${all ? markup`<input type="hidden" name="all" value="yes">` : ""}${choice(
    "route",
    "Route",
    anyOf(
      names(({ route }) => route, filter.route),
      filter.route,
    ),
  )}${choice(
    "tenant",
    "Tenant",
    anyOf(
      names(({ tenant }) => tenant, filter.tenant),
      filter.tenant,
    ),
  )}${choice(
    "outcome",
    "Outcome",
    outcomeFilters.map((each) => option(each, outcomes[each], filter.outcome)),
  )}<label>Request or trace id <input type="search" name="id" value="${filter.id}" autocomplete="off" spellcheck="false"></label>
<button type="submit">Filter</button> <a href="${addressOf(wish, { filter: { route: "", tenant: "", outcome: "any", id: "" } }, "#requests")}">clear</a>
</form>
`;
}

const columnsFor = (wish: Wish): readonly Column<RequestRecord>[] => [
  {
    name: "Time",
    cell: ({ ts, request_id: id }) =>
      markup`<a href="${addressOf(wish, { request: id }, "#request")}" aria-label="Explain the request of ${ts}">${ts.slice(11, 23)}</a>`,
  },
  { name: "Outcome", cell: (record) => [chip(...endOf(record)), ` ${record.status}`] },
  {
    name: "Route",
    cell: ({ route, request_model: model, tenant }) => [
      orNothing(route ?? model, (each) => each),
      small(route === null ? "no route" : (tenant ?? "anonymous")),
    ],
  },
  {
    name: "Attempts",
    cell: (record) => [
      record.attempts.length === 0 ? small("none") : chainText(record),
      small(notesOf(record).join(" · ")),
    ],
  },
  {
    name: "Why",
    cell: ({ choice_reason: reason }) => orNothing(reason, (each) => inWords(each)),
  },
  {
    name: "Took",
    isNumber: true,
    cell: ({ latency_ms: ms, ttft_ms: first, streaming }) => [
      millis(ms),
      first === null || !streaming ? "" : small(`first ${millis(first)}`),
    ],
  },
  { name: "Cost", isNumber: true, cell: ({ cost_usd: cost }) => dollars(cost) },
];
