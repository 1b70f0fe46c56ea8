import { stat, writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import {
  evaluate,
  evaluateNested,
  foldsUnder,
  judgeNewModels,
  nestedDefaults,
  nestedFold,
  permuteLabels,
  routePairs,
  scorePrompts,
  simulateTenants,
  trainModel,
  unknownRoutes,
  type LabelledPrompt,
  type Trained,
} from "../policy/index.ts";
import type { Command } from "./command.ts";
import { reportOf, type EvalFindings } from "./eval-report.ts";
import { reportLive } from "./eval-records.ts";
import { reportShipped, type Report } from "./eval-shipped.ts";
import { readFlags, refuseWords } from "./flags.ts";
import { readData, type LabelledData } from "./labelled-data.ts";
import { evalPage } from "./quality-page/eval-page.ts";
import { UsageError } from "./usage-error.ts";

const parts = [
  "held-out",
  "permuted",
  "nested",
  "unknown-routes",
  "tenants",
  "new-models",
] as const;

type Part = (typeof parts)[number];

const help = `switchyard eval --data DIR [--only PART,…] [--json OUT] [--html OUT]
switchyard eval --data FILE [--tiers FILE] [--hide-routes] [--json OUT] [--html OUT]
switchyard eval --records SRC --config DIR [--since TIME] [--until TIME] [--json OUT] [--html OUT]

Trains classifiers on labelled prompts and reports what they save and keep, beside baselines: always
strongest, always cheapest, the best blind mix of two tiers, the prompt's length, a table per route,
and the oracle. DIR is as for switchyard train.

  --only PART,…  Some of ${parts.join(", ")};
                 all without it, which takes minutes.
  --json OUT     The same figures as JSON.
  --html OUT     The same as one page with curves, by route and by tenant, that needs nothing else.

Of a FILE nothing is trained: the model and the policies of this release are judged on it, and its
prompts go to the strongest where no certificate is of their route. It warns of prompts that they have seen.

  --tiers FILE   Which model stands for which tier, and prices; tiers.json beside FILE without it.
  --hide-routes  The classifier is not told which route a prompt came on.

Of records it tells what live traffic saved and kept, by route and by tenant, and whether chances were
what they said, as far as answers were labelled. SRC is a folder of records or s3://BUCKET/PREFIX; DIR
holds the routes, whose baselines are compared with.

  --since TIME, --until TIME  As of switchyard costs: 24h ago without them, and now.
  --namespace NAME, --class NAME  The group, where DIR holds several.

Everything that is certified is certified on prompts that it is not judged on; what is called swept is
not, and flatters every policy alike.`;

const seed = 1;

const options = {
  data: { type: "string" },
  only: { type: "string" },
  json: { type: "string" },
  html: { type: "string" },
  shipped: { type: "boolean" },
  tiers: { type: "string" },
  "hide-routes": { type: "boolean" },
  records: { type: "string" },
  config: { type: "string" },
  namespace: { type: "string" },
  class: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
} as const;

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const report = await reportFor(values);
  if (values.json !== undefined)
    await writeFile(values.json, `${JSON.stringify(report.found, null, 2)}\n`);
  if (values.html !== undefined) await writeFile(values.html, report.page());
  return 0;
}

type Values = ReturnType<typeof readFlags<typeof options>>["values"];

/** @throws UsageError */
async function reportFor(values: Values): Promise<Report> {
  const { data, records } = values;
  if (records !== undefined) {
    if (data === undefined) return reportLive({ ...values, records });
    throw new UsageError("--data and --records are two things to judge: name one of them");
  }
  if (data === undefined) {
    throw new UsageError(
      "--data must name labelled prompts, a folder or one file of them; or --records the records of a router",
    );
  }
  const isFile = values.shipped === true || (await stat(data).catch(() => undefined))?.isFile();
  if (isFile !== true) return judgeTraining(data, partsOf(values.only));
  const hideRoutes = values["hide-routes"] === true;
  return reportShipped({ data, tiers: values.tiers, hideRoutes });
}

async function judgeTraining(folder: string, wanted: readonly Part[]): Promise<Report> {
  const data = await readData(folder);
  const found: EvalFindings = {};
  for (const part of wanted) Object.assign(found, find[part](data));
  console.log(reportOf(found));
  return { found, page: () => evalPage(found, basename(resolve(folder))) };
}

/** @throws UsageError */
function partsOf(text: string | undefined): readonly Part[] {
  if (text === undefined) return parts;
  return text.split(",").map((word) => {
    const part = parts.find((each) => each === word.trim());
    if (part === undefined) {
      throw new UsageError(`--only must name some of ${parts.join(", ")}, not "${word}"`);
    }
    return part;
  });
}

const find: Readonly<Record<Part, (data: LabelledData) => EvalFindings>> = {
  "held-out": (data) => ({ heldOut: heldOut(data, data.train) }),
  permuted: (data) => ({ permuted: heldOut(data, permuteLabels(data.train, seed)) }),
  nested: (data) => ({ nested: nested(data) }),
  "unknown-routes": ({ train, calib, dev, menu }) => {
    const all = [...train, ...calib, ...dev];
    return { unknownRoutes: routePairs(all).flatMap((fold) => unknownRoutes(all, fold, menu)) };
  },
  tenants: (data) => {
    const { calib, dev, menu } = data;
    const { model } = trainOn(data, data.train);
    const scored = scorePrompts(model, [...calib, ...dev], { menu, hideRoutes: false });
    return { tenants: simulateTenants(scored) };
  },
  "new-models": ({ train, calib, dev, menu }) => ({
    newModels: judgeNewModels(train, [...calib, ...dev], menu),
  }),
};

function trainOn({ menu, digest }: LabelledData, training: readonly LabelledPrompt[]): Trained {
  return trainModel(training, { name: "eval", tiers: menu.tiers, seed, dataDigest: digest });
}

function heldOut(data: LabelledData, training: readonly LabelledPrompt[]) {
  const trained = trainOn(data, training);
  const { calib: clean, dev: judged, menu } = data;
  return evaluate({ trained, training, clean, judged, menu });
}

function nested({ train, calib, dev, menu }: LabelledData): NonNullable<EvalFindings["nested"]> {
  const all = [...train, ...calib, ...dev];
  const folds = Array.from({ length: nestedDefaults.folds }, (_, fold) =>
    nestedFold(all, fold, menu),
  );
  return {
    evaluation: evaluateNested(all, folds, menu),
    foldsUnder: { known: foldsUnder(folds, "known"), hidden: foldsUnder(folds, "hidden") },
  };
}

export const evaluateRouting: Command = { help, run };
