import { writeFile } from "node:fs/promises";
import {
  evaluate,
  issuePolicies,
  marksOf,
  priceDigest,
  trainModel,
  type Evaluation,
  type IssuedPolicies,
} from "../policy/index.ts";
import type { Command } from "./command.ts";
import { readFlags, refuseWords, wholeNumber } from "./flags.ts";
import { readData } from "./labelled-data.ts";
import { storeModel } from "./model-store.ts";
import { UsageError } from "./usage-error.ts";

const help = `switchyard train --data DIR --out FILE [--policies FILE] [--name NAME] [--seed NUMBER]

Trains a classifier on labelled prompts, and writes it packed. The same data and seed give the same
bytes. DIR holds tiers.json and train.jsonl.gz, calib.jsonl.gz and dev.jsonl.gz, a prompt a line:
{id, bench, route, tenant?, prompt, inTok?, models: {NAME: {ok, out?, in?}}}.

  --out FILE       The model. It is trained on the prompts of train alone.
  --policies FILE  For each floor the λ that is certified, by the labels of calib and dev, and those of
                   train as models scored them that were trained without them.
  --name NAME      Of the model; "general-v1" without it.
  --seed NUMBER    1 without it.`;

const seeds = [0, 2 ** 31] as const;

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, {
    data: { type: "string" },
    out: { type: "string" },
    policies: { type: "string" },
    name: { type: "string" },
    seed: { type: "string" },
  });
  refuseWords(positionals);
  if (values.data === undefined)
    throw new UsageError("--data must name a folder of labelled prompts");
  if (values.out === undefined) throw new UsageError("--out must name the file to write");
  const seed = wholeNumber("seed", values.seed, seeds) ?? 1;
  const { menu, train: training, calib, dev, digest: dataDigest } = await readData(values.data);
  const startedAt = performance.now();
  const options = { name: values.name ?? "general-v1", tiers: menu.tiers, seed, dataDigest };
  const trained = trainModel(training, options);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { header } = trained.model;
  header.metrics = metricsOf(evaluate({ trained, training, clean: calib, judged: dev, menu }));
  const { digest, size } = await storeModel(values.out, trained.model);
  console.log(`Trained on ${training.length} prompts in ${seconds.toFixed(1)} s`);
  console.log(`${values.out}: ${(size / 1_024).toFixed(0)} KiB, digest ${digest}`);
  if (values.policies !== undefined) {
    const policies: IssuedPolicies = {
      version: 1,
      model: digest,
      prices: priceDigest(menu),
      routes: Object.keys(header.prior.routes).toSorted(),
      seen: marksOf([...training, ...calib, ...dev]),
      policies: [...issuePolicies({ trained, training, clean: [...calib, ...dev], menu })],
    };
    await writeFile(values.policies, `${JSON.stringify(policies, null, 2)}\n`);
  }
  return 0;
}

/** What the header says of the model, on the prompts of dev. */
function metricsOf({ rows }: Evaluation): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const { certified, apgr, calibrationError, name } of rows) {
    if (certified === undefined || apgr === undefined || calibrationError === undefined) continue;
    const routes = name.endsWith("known") ? "known" : "hidden";
    metrics[`${routes}.apgr`] = round(apgr.second);
    metrics[`${routes}.calibrationError`] = round(calibrationError);
    metrics[`${routes}.savedAt95`] = round(certified[0]?.saved ?? 0);
    metrics[`${routes}.keptAt95`] = round(certified[0]?.accuracyRatio ?? 1);
  }
  return metrics;
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;

export const train: Command = { help, run };
