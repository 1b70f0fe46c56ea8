import { captioned, markdownTable, type DataTable } from "../pages/index.ts";
import type {
  Evaluation,
  Judged,
  NewModel,
  ShippedFindings,
  TenantOutcomes,
  UnknownRoute,
} from "../policy/index.ts";

/** What `switchyard eval` finds; a part that was not asked for is absent. */
export interface EvalFindings {
  heldOut?: Evaluation;
  nested?: {
    evaluation: Evaluation;
    /** By floor. */
    foldsUnder: Record<"known" | "hidden", readonly number[]>;
  };
  unknownRoutes?: readonly UnknownRoute[];
  tenants?: TenantOutcomes;
  newModels?: readonly NewModel[];
  permuted?: Evaluation;
}

export const percent = (share: number): string => (100 * share).toFixed(1);
export const ratio = (share: number): string => share.toFixed(3);
const under = ({ saved, accuracyRatio }: Judged): string =>
  `${percent(saved)} (${ratio(accuracyRatio)})`;

const floorHeads = ["@95 %", "@98 %", "@99 %", "@100 %"];

/** Each policy of an evaluation, a column for each floor. */
export function policyTable(title: string, evaluation: Evaluation): DataTable {
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
  const caption = `${title}: ${evaluation.prompts} prompts, saved in % (share of accuracy kept)`;
  return { caption, head, rows: [...rows, ...edges] };
}

export function nestedTable({
  evaluation,
  foldsUnder,
}: NonNullable<EvalFindings["nested"]>): DataTable {
  const rows = evaluation.rows.flatMap(({ name, swept, certified, apgr }) => {
    if (certified === undefined || apgr === undefined) return [[name, ...swept.map(percent)]];
    const folds = name.endsWith("known") ? foldsUnder.known : foldsUnder.hidden;
    return [
      [name, ...swept.map(percent), ratio(apgr.second)],
      ["… certified", ...certified.map(under)],
      ["… folds under the floor", ...folds.map(percent)],
    ];
  });
  const head = ["policy", ...floorHeads, "APGR 2nd–last"];
  const error = evaluation.rows.at(-1)?.calibrationError ?? 0;
  const caption = `Nested: every prompt judged once, by a model and certificates without it; ECE ${ratio(error)}`;
  return { caption, head, rows };
}

export function unknownTable(found: readonly UnknownRoute[]): DataTable {
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
  const caption =
    "Unknown routes at a floor of 95 %; without labels the strongest serves: 0.0 (1.000)";
  return { caption, head, rows: [...rows, all] };
}

export function tenantTable({ globalLambda, ownLabels, shrunk }: TenantOutcomes): DataTable {
  const rows = Object.entries({
    "one λ for all": globalLambda,
    "own 150 labels alone": ownLabels,
    "shrunk towards the pool": shrunk,
  }).map(([name, each]) => [name, percent(each.saved), percent(each.under), ratio(each.worst)]);
  const head = ["λ by", "saved, %", "tenants under, %", "worst kept"];
  return { caption: "240 tenants at a floor of 95 %", head, rows };
}

export function newModelTable(found: readonly NewModel[]): DataTable {
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
  return { caption: "New models", head, rows };
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
  return markdownTable({ head, rows });
}

export function reportOf(found: EvalFindings): string {
  const tables: DataTable[] = [];
  if (found.heldOut)
    tables.push(policyTable("Trained on train, certified on calib, judged on dev", found.heldOut));
  if (found.permuted)
    tables.push(policyTable("The same with the training labels permuted", found.permuted));
  if (found.nested) tables.push(nestedTable(found.nested));
  if (found.unknownRoutes) tables.push(unknownTable(found.unknownRoutes));
  if (found.tenants) tables.push(tenantTable(found.tenants));
  if (found.newModels) tables.push(newModelTable(found.newModels));
  return tables.map(captioned).join("\n\n");
}
