import { markup, type Piece } from "../../lib/index.ts";
import type { RequestRecord } from "../../records/index.ts";
import { dollars, inWords, limitInWords, percent } from "../hints/in-words.ts";
import { savedText } from "./routes-section.ts";
import { facts, orNothing, table } from "./pieces.ts";

/** What the choice rests on: the confidence, the plan and its certificate. */
export function plansPart(record: RequestRecord): Piece {
  const {
    plan,
    confidence,
    confidence_source: source,
    unfamiliar,
    classifier_digest: classifier,
  } = record;
  const pairs: [string, Piece][] = [];
  if (confidence !== null)
    pairs.push(["Confidence", `${percent(confidence)}, by ${source ?? "–"}`]);
  if (classifier !== null)
    pairs.push(["Classifier", markup`<code>${classifier.slice(0, 12)}</code>`]);
  if (unfamiliar.length > 0) pairs.push(["Unfamiliar", unfamiliar.map(inWords).join(", ")]);
  if (plan !== null) {
    pairs.push(
      [
        "Plan",
        [
          plan.tenant ? "the tenant's own" : "the route's",
          `, ${plan.rollout}, λ ${plan.lambda.toPrecision(3)} a dollar`,
        ],
      ],
      ["Certificate", certificateText(plan)],
    );
    if (plan.kept !== null)
      pairs.push(["Kept", interval(plan.kept, "of the baseline's correctness")]);
    if (plan.saved !== null) pairs.push(["Saved", interval(plan.saved, "of the baseline's cost")]);
  }
  return pairs.length === 0 ? "" : facts(pairs);
}

type Plan = NonNullable<RequestRecord["plan"]>;

function certificateText({
  floor_percent: floor,
  lower_bound: bound,
  expires_at: until,
}: Plan): string {
  if (floor === null || bound === null || until === null) return "none";
  return `${floor} % kept, by ${bound.toFixed(4)} at least, until ${until}`;
}

const interval = ({ estimate, lower, upper }: NonNullable<Plan["kept"]>, of: string): string =>
  `${percent(estimate)} (${percent(lower)} to ${percent(upper)}) ${of}`;

/** What filters and the tenant's limits did. */
export function policyPart(record: RequestRecord): Piece {
  const {
    safety,
    limits,
    would_refuse: refuse,
    would_divert: divert,
    envelope_missed: missed,
  } = record;
  const pairs: [string, Piece][] = [];
  if (missed) pairs.push(["Envelope", "missed: no candidate was expected to keep it"]);
  if (safety !== null) {
    const rules = safety.rule_ids.length === 0 ? "no rule matched" : safety.rule_ids.join(", ");
    pairs.push(["Safety", `${safety.action}; ${rules}`]);
  }
  if (limits !== null) {
    const exceeded =
      limits.exceeded.length === 0
        ? ""
        : `; no room in ${limits.exceeded.map(limitInWords).join(", ")}`;
    pairs.push([
      "Limits",
      `${inWords(limits.action)}${exceeded}; ${dollars(limits.reserved_usd)} reserved`,
    ]);
  }
  if (refuse.length > 0) pairs.push(["Would have refused", refuse.map(inWords).join(", ")]);
  if (divert.length > 0) pairs.push(["Would have diverted", divert.map(inWords).join(", ")]);
  return pairs.length === 0
    ? ""
    : [
        markup`<h3>Policies</h3>
`,
        facts(pairs),
      ];
}

/** The ledger, and what the baseline would have cost. */
export function costPart(record: RequestRecord): Piece {
  const {
    ledger,
    cost_usd: cost,
    baseline_cost_usd: baseline,
    tokens,
    token_source: source,
  } = record;
  const saved = baseline === null || baseline === 0 ? null : 1 - cost / baseline;
  const used =
    tokens === null
      ? "–"
      : `${tokens.in + tokens.cache_read + tokens.cache_write} in, ${tokens.out} out${source === "estimated" ? ", estimated" : ""}`;
  return [
    markup`<h3>Cost</h3>
`,
    facts([
      ["All in all", dollars(cost)],
      ["Baseline's", orNothing(baseline, dollars)],
      ["Saved", savedText(saved)],
      ["Tokens", used],
    ]),
    ledger.length === 0
      ? ""
      : table({
          caption: "What was charged for",
          columns: [
            { name: "Line", cell: ({ line }) => inWords(line.kind) },
            { name: "Backend", cell: ({ line }) => orNothing(line.backend, (each) => each) },
            { name: "Basis", cell: ({ line }) => line.basis },
            { name: "Cost", isNumber: true, cell: ({ line }) => dollars(line.cost_usd) },
          ],
          rows: ledger.map((line, index) => ({ line, index })),
          keyOf: ({ index }) => `line ${index}`,
        }),
  ];
}
