import type { Evaluation } from "../../policy/index.ts";
import { dataTable, type DataTable, page } from "../../pages/index.ts";
import {
  nestedTable,
  newModelTable,
  tenantTable,
  unknownTable,
  type EvalFindings,
} from "../eval-report.ts";
import { evaluationSection } from "./evaluation-section.ts";
import { markup, type Markup } from "../../lib/index.ts";

/** A whole page of what an evaluation by training found. @param data names what was judged */
export function evalPage(found: EvalFindings, data: string): string {
  const { heldOut, nested, permuted, unknownRoutes, tenants, newModels } = found;
  const sections: Markup[] = [];
  if (nested !== undefined) {
    sections.push(
      evaluationSection({
        id: "nested",
        title: "Every prompt judged once",
        note: "In turn, a model is trained and its policies are certified without a fold of the prompts, and judged on it.",
        evaluation: nested.evaluation,
        table: nestedTable(nested),
      }),
    );
  }
  if (heldOut !== undefined) {
    sections.push(
      evaluationSection({
        id: "held-out",
        title: "Held-out prompts",
        note: "Trained on train, certified by it and calib, judged on dev.",
        evaluation: heldOut,
      }),
    );
  }
  if (permuted !== undefined) {
    sections.push(
      evaluationSection({
        id: "permuted",
        title: "With permuted labels",
        note: "The same with the labels of the training permuted: nothing should be gained over the blind mix.",
        evaluation: permuted,
      }),
    );
  }
  if (unknownRoutes !== undefined)
    sections.push(tableSection("Routes that nobody knew", unknownTable(unknownRoutes)));
  if (tenants !== undefined)
    sections.push(tableSection("Tenants of mixes of their own", tenantTable(tenants)));
  if (newModels !== undefined)
    sections.push(tableSection("Models that come new", newModelTable(newModels)));
  return page(`Routing quality: ${data}`, [intro, ...sections]);
}

/** The same of the model and policies that come with a release. */
export function shippedPage(evaluation: Evaluation, model: string, data: string): string {
  const section = evaluationSection({
    id: "shipped",
    title: `${model} and its certified policies`,
    note: "Nothing was trained: prompts of a route without a certificate went to the strongest. The baselines were fitted to these very prompts, which flatters them.",
    evaluation,
  });
  return page(`Routing quality: ${data}`, [intro, section]);
}

const intro = markup`<p>Saved is the share of the cost of always asking the strongest tier; kept is the share of its correct answers. Certified policies were fixed beforehand on other labels.</p>
`;

function tableSection(title: string, table: DataTable): Markup {
  return markup`<section><h2>${title}</h2>${dataTable(table)}</section>
`;
}
