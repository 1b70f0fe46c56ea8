import { basename, dirname, join } from "node:path";
import { countSeen, evaluateShipped, judgeShipped, priceDigest } from "../policy/index.ts";
import { timeDecisions } from "./decision-time.ts";
import { shippedTable } from "./eval-report.ts";
import { readMenu, readPrompts } from "./labelled-data.ts";
import { loadModel, loadPolicies, shippedModel, shippedPolicies } from "./model-store.ts";
import { shippedPage } from "./quality-page/eval-page.ts";
import { UsageError } from "./usage-error.ts";

export interface ShippedOptions {
  /** A file of labelled prompts. */
  data: string;
  tiers: string | undefined;
  hideRoutes: boolean;
}

/** What was found, as data and as a page. */
export interface Report {
  found: object;
  page: () => string;
}

/** Judges the model and the policies that come with this release. @throws UsageError */
export async function reportShipped(options: ShippedOptions): Promise<Report> {
  const menu = await readMenu(options.tiers ?? join(dirname(options.data), "tiers.json"));
  const prompts = await readPrompts(options.data, menu);
  const { model, digest } = await loadModel(shippedModel);
  const policies = await loadPolicies(shippedPolicies);
  if (policies.model !== digest) throw new UsageError("The shipped policies are of another model");
  if (policies.prices !== priceDigest(menu)) {
    console.error(
      "Warning: the prices are not those of the certificates, which are void with others",
    );
  }
  const seen = countSeen(policies.seen, prompts);
  if (seen > 0) {
    console.error(
      `Warning: ${seen} of ${prompts.length} prompts have been seen in training or for certificates`,
    );
  }
  const input = { model, policies, prompts, menu, hideRoutes: options.hideRoutes };
  const found = judgeShipped(input);
  const decisionMicros = timeDecisions(
    model,
    prompts.map(({ text }) => text),
  );
  console.log(
    `${model.header.name} on ${prompts.length} prompts, routes ${options.hideRoutes ? "hidden" : "known"}\n`,
  );
  console.log(shippedTable(found));
  console.log(
    `\nAPGR ${found.apgr.mediumToFrontier.toFixed(3)} from the second tier to the last, ` +
      `${found.apgr.smallToFrontier.toFixed(3)} from the first; ECE ${found.ece.toFixed(3)}; ` +
      `a decision takes ${decisionMicros.p50.toFixed(0)} µs (p50), ${decisionMicros.p99.toFixed(0)} µs (p99)`,
  );
  return {
    found: { ...found, decisionMicros },
    page: () => shippedPage(evaluateShipped(input), model.header.name, basename(options.data)),
  };
}
