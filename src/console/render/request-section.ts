import { markup, type Markup, type Piece } from "../../lib/index.ts";
import type { AttemptRecord, CandidateEstimate, RequestRecord } from "../../records/index.ts";
import { dollars, inWords, millis, percent, sentenceCase } from "../hints/in-words.ts";
import { addressOf, type Wish } from "../wish.ts";
import { stretch } from "./drawings.ts";
import { chip, facts, nothing, orNothing, section, small, table } from "./pieces.ts";
import { costPart, plansPart, policyPart } from "./request-parts.ts";
import { attemptEnd, attemptLook, endOf, reasonText } from "./request-words.ts";

/** One request explained: who could have served it, who did and why, and what came of each attempt. */
export function requestSection(requests: readonly RequestRecord[], wish: Wish): Markup {
  const record = requests.find(({ request_id: id }) => id === wish.request);
  const close = markup`<p><a href="${addressOf(wish, { request: null }, "#requests")}">Close</a></p>
`;
  if (record === undefined) {
    const gone = markup`<p>The request ${wish.request ?? ""} is not among the last ones any more. Where records are kept, <code>switchyard explain --request</code> finds it.</p>
${close}`;
    return section("request", "Request", gone);
  }
  return section("request", "Request", [
    headline(record),
    identity(record),
    markup`<h3>Attempts</h3>
`,
    waterfall(record),
    markup`<h3>Why this candidate</h3>
<p>${sentenceCase(reasonText(record.choice_reason))}.</p>
`,
    plansPart(record),
    candidates(record),
    policyPart(record),
    costPart(record),
    close,
  ]);
}

function headline(record: RequestRecord): Markup {
  const { route, tenant, latency_ms: ms, error_type: error, fallback_reason: fallback } = record;
  const server = record.attempts.find(({ error_type: failed }) => failed === null)?.backend;
  const by = server === undefined ? "" : ` by ${server}`;
  const how = fallback === null ? "" : ` after a fallback (${fallback})`;
  const ended = error === null ? "" : `: ${inWords(error)}`;
  return markup`<p>${chip(...endOf(record))} <strong>${record.status}${by}${how} in ${millis(ms)}${ended}</strong> for ${tenant ?? "an anonymous caller"} on ${route ?? "no route"}.</p>
`;
}

function identity(record: RequestRecord): Markup {
  return facts([
    ["Request", markup`<code>${record.request_id}</code>`],
    ["Trace", markup`<code>${record.trace_id}</code>`],
    ["Arrived", record.ts],
    ["Asked for", [record.request_model ?? "–", record.streaming ? " as a stream" : " as a whole"]],
    ["Answered by", record.response_model ?? "–"],
    ["Where", `${record.provider ?? "–"}, ${record.region ?? "–"}`],
    ["AWS's id", record.aws_request_id ?? "–"],
    ["Key", record.key_id ?? "–"],
    ["Table", markup`<code>${(record.table_digest ?? "–").slice(0, 12)}</code>`],
    ["The router's own time", millis(record.overhead_ms)],
  ]);
}

function waterfall(record: RequestRecord): Piece {
  const { attempts, latency_ms: whole } = record;
  if (attempts.length === 0)
    return markup`<p class="quiet">No backend was called.</p>
`;
  const columns = [
    {
      name: "Attempt",
      cell: ({ attempt }: Numbered) => [attempt.backend, small(attempt.kind)],
    },
    { name: "When, within the request", cell: ({ attempt }: Numbered) => course(attempt, whole) },
    {
      name: "Began",
      isNumber: true,
      cell: ({ attempt }: Numbered) => orNothing(attempt.start_ms, millis),
    },
    { name: "Took", isNumber: true, cell: ({ attempt }: Numbered) => millis(attempt.ms) },
    {
      name: "First token",
      isNumber: true,
      cell: ({ attempt }: Numbered) => orNothing(attempt.ttft_ms, millis),
    },
    {
      name: "Ended",
      cell: ({ attempt }: Numbered) =>
        attempt.sent ? attemptEnd(attempt) : "waited in vain for a place",
    },
    {
      name: "Cost",
      isNumber: true,
      cell: ({ attempt }: Numbered) => orNothing(attempt.cost_usd, dollars),
    },
  ];
  return table({
    caption: `Of ${millis(whole)} in all; a line across a bar is its first token`,
    columns,
    rows: attempts.map((attempt, index) => ({ attempt, index })),
    keyOf: ({ index }) => `attempt ${index}`,
  });
}

interface Numbered {
  attempt: AttemptRecord;
  index: number;
}

function course(attempt: AttemptRecord, whole: number): Piece {
  const { start_ms: startMs, ms, ttft_ms: firstTokenMs } = attempt;
  if (startMs === null) return nothing;
  return stretch({ startMs, ms, firstTokenMs, look: attemptLook(attempt) }, whole);
}

function candidates({ estimates, attempts }: RequestRecord): Piece {
  if (estimates.length === 0) return "";
  const called = new Set(attempts.map(({ backend }) => backend));
  const share = (value: number | null): Piece => orNothing(value, percent);
  return table<CandidateEstimate>({
    caption:
      "What was believed of each candidate before the choice; those that a hard limit dropped are not among them",
    columns: [
      { name: "Candidate", cell: ({ backend }) => backend },
      { name: "Correct", isNumber: true, cell: ({ p_correct: p }) => share(p) },
      {
        name: "Expected cost",
        isNumber: true,
        cell: (each) => orNothing(each.expected_cost_usd, dollars),
      },
      { name: "Cost if long", isNumber: true, cell: (each) => orNothing(each.cost_usd, dollars) },
      {
        name: "First token P95",
        isNumber: true,
        cell: (each) => orNothing(each.ttft_p95_ms, millis),
      },
      { name: "Total P95", isNumber: true, cell: (each) => orNothing(each.total_p95_ms, millis) },
      { name: "Envelope", cell: (each) => (each.in_envelope ? "keeps it" : "breaks it") },
      {
        name: "What became of it",
        cell: ({ backend, dropped }) =>
          dropped === null
            ? called.has(backend)
              ? "called"
              : "stood by"
            : `left out: ${inWords(dropped)}`,
      },
    ],
    rows: estimates,
    keyOf: ({ backend }) => `candidate ${backend}`,
  });
}
