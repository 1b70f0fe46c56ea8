import type {
  Evaluation,
  Judged,
  NestedBaseline,
  NestedResult,
  NewModel,
  ShippedFindings,
  TenantOutcomes,
  UnknownRoute,
} from "../policy/index.ts";

/** What `switchyard eval` finds; a part that was not asked for is absent. */
export interface EvalFindings {
  heldOut?: Evaluation;
  nested?: Record<"known" | "hidden", readonly NestedResult[]> & {
    baselines: readonly NestedBaseline[];
    calibrationError: number;
    apgr: Record<"known" | "hidden", number>;
  };
  unknownRoutes?: readonly UnknownRoute[];
  tenants?: TenantOutcomes;
  newModels?: readonly NewModel[];
  permuted?: Evaluation;
}

const percent = (share: number): string => (100 * share).toFixed(1);
const ratio = (share: number): string => share.toFixed(3);
const under = ({ saved, accuracyRatio }: Judged): string =>
  `${percent(saved)} (${ratio(accuracyRatio)})`;

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

const floorHeads = ["@95 %", "@98 %", "@99 %", "@100 %"];

function policies(title: string, evaluation: Evaluation): string {
  const rows = evaluation.rows.flatMap(({ name, swept, certified, apgr, calibrationError }) => {
    const measures = [apgr?.second, apgr?.first, calibrationError];
    const told = measures.map((value) => (value === undefined ? "" : ratio(value)));
    const main = [name, ...swept.map(percent), ...told];
    return certified === undefined ? [main] : [main, ["… certified", ...certified.map(under)]];
  });
  const edges = [
    ["always cheapest", under(evaluation.alwaysCheapest)],
    ["oracle", under(evaluation.oracle)],
  ];
  const head = ["policy", ...floorHeads, "APGR 2nd–last", "APGR 1st–last", "ECE"];
  return `${title}: ${evaluation.prompts} prompts, saved in % (share of accuracy kept)\n\n${tableOf(head, [...rows, ...edges])}`;
}

function nested(found: NonNullable<EvalFindings["nested"]>): string {
  const baselines = found.baselines.map(({ name, swept }) => [name, ...swept.map(percent)]);
  const rows = (["known", "hidden"] as const).flatMap((routes) => [
    [
      `route ${routes}, swept`,
      ...found[routes].map(({ swept }) => percent(swept)),
      ratio(found.apgr[routes]),
    ],
    ["… certified", ...found[routes].map(({ certified }) => under(certified))],
    ["… folds under the floor", ...found[routes].map(({ foldsUnder }) => percent(foldsUnder))],
  ]);
  const head = ["policy", ...floorHeads, "APGR 2nd–last"];
  return `Nested: every prompt judged once, by a model and certificates without it; ECE ${ratio(found.calibrationError)}\n\n${tableOf(head, [...baselines, ...rows])}`;
}

function unknown(found: readonly UnknownRoute[]): string {
  const mean = (of: (each: UnknownRoute) => number): number =>
    found.reduce((sum, each) => sum + of(each), 0) / found.length;
  const rows = found.map((each) => [
    each.routes,
    String(each.prompts),
    under(each.carriedOver),
    under(each.labelled),
    percent(each.under),
  ]);
  const all = [
    "all",
    String(found.reduce((sum, { prompts }) => sum + prompts, 0)),
    `${percent(mean(({ carriedOver }) => carriedOver.saved))}; under in ${percent(mean(({ carriedOver }) => (carriedOver.accuracyRatio < 0.95 ? 1 : 0)))} %`,
    `${percent(mean(({ labelled }) => labelled.saved))} (${ratio(mean(({ labelled }) => labelled.accuracyRatio))})`,
    percent(mean((each) => each.under)),
  ];
  const head = ["unknown route", "prompts", "λ carried over", "300 labels", "runs under, %"];
  return `Unknown routes at a floor of 95 %; without labels the strongest serves: 0.0 (1.000)\n\n${tableOf(head, [...rows, all])}`;
}

function tenants({ globalLambda, ownLabels, shrunk }: TenantOutcomes): string {
  const rows = Object.entries({
    "one λ for all": globalLambda,
    "own 150 labels alone": ownLabels,
    "shrunk towards the pool": shrunk,
  }).map(([name, each]) => [name, percent(each.saved), percent(each.under), ratio(each.worst)]);
  return `240 tenants at a floor of 95 %\n\n${tableOf(["λ by", "saved, %", "tenants under, %", "worst kept"], rows)}`;
}

function newModels(found: readonly NewModel[]): string {
  const rows = found.map(({ models, declaredTier, asDeclared, onboarded, retrained }) => [
    models.join(", "),
    declaredTier,
    ratio(asDeclared),
    ratio(onboarded),
    ratio(retrained),
    percent((onboarded - 0.5) / (retrained - 0.5)),
  ]);
  const head = [
    "new model",
    "declared",
    "AUC as declared",
    "200 labels",
    "trained again",
    "of its gain over chance, %",
  ];
  return `New models\n\n${tableOf(head, rows)}`;
}

/** A row for each floor. */
export function shippedTable({ floors }: ShippedFindings): string {
  const head = [
    "floor",
    "saved, %",
    "accuracy kept",
    "uncertified, %",
    "swept",
    "blind mix",
    "table per route",
  ];
  const rows = Object.entries(floors).map(([floor, each]) => [
    floor,
    percent(each.saved),
    ratio(each.accuracyRatio),
    percent(each.uncertifiedShare),
    percent(each.sweptSaved),
    percent(each.blindMixSaved),
    percent(each.routeTableSaved),
  ]);
  return tableOf(head, rows);
}

export function reportOf(found: EvalFindings): string {
  const parts: string[] = [];
  if (found.heldOut)
    parts.push(policies("Trained on train, certified on calib, judged on dev", found.heldOut));
  if (found.permuted)
    parts.push(policies("The same with the training labels permuted", found.permuted));
  if (found.nested) parts.push(nested(found.nested));
  if (found.unknownRoutes) parts.push(unknown(found.unknownRoutes));
  if (found.tenants) parts.push(tenants(found.tenants));
  if (found.newModels) parts.push(newModels(found.newModels));
  return parts.join("\n\n");
}
