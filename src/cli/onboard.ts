import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import {
  fewestAbilityLabels,
  judgeAbility,
  type AbilityLabel,
  type JudgedAbility,
} from "../policy/index.ts";
import { readLabels } from "../records/index.ts";
import { Classifier, plainQuestion } from "../routing/index.ts";
import { readAbilityFile, type AbilityFile, type FittedAbility } from "../table/index.ts";
import type { Command } from "./command.ts";
import { readEnvironment, type Environment } from "./environment.ts";
import { readFlags, refuseWords } from "./flags.ts";
import { readMenu, readPrompts } from "./labelled-data.ts";
import { LeftOut } from "./left-out.ts";
import { loadModel, shippedModel, type StoredModel } from "./model-store.ts";
import { openConfig } from "./open-config.ts";
import { openRecords } from "./record-places.ts";
import { writeOut } from "./replace-file.ts";
import { tableOfFolder } from "./table-of-folder.ts";
import { timeOf } from "./time-range.ts";
import { UsageError } from "./usage-error.ts";

const help = `switchyard onboard --backend B (--labels PLACE | --data FILE --model NAME) --out FILE [flags]

Fits how well a backend answers to 100 or 200 labelled prompts, without training: it begins as its
declared tier, and labels move it from there. What comes of it is a ConfigMap of abilities.

  --backend B        the ModelBackend, of the folder that --config names
  --labels PLACE     labels of its answers, among the records of a folder or s3://BUCKET/PREFIX
  --since TIME       labels since then alone, as where the backend became another model: 30d, a day, an instant
  --data FILE        labelled prompts, as switchyard train reads them
  --model NAME       its name in that file
  --tiers FILE       tiers.json (beside the data)
  --out FILE         where abilities go; those of other backends in it stay
  --config DIR       the folder with the YAML files             (SWITCHYARD_CONFIG)
  --classifier FILE  whose heads it is a stage over (the one that comes with the release)
  --namespace NAME, --class NAME   where the folder holds several groups

Exit code 0; 2 where a flag is wrong, or the labels are too few or of another classifier.`;

const options = {
  backend: { type: "string" },
  labels: { type: "string" },
  since: { type: "string" },
  data: { type: "string" },
  model: { type: "string" },
  tiers: { type: "string" },
  out: { type: "string" },
  config: { type: "string" },
  classifier: { type: "string" },
  namespace: { type: "string" },
  class: { type: "string" },
} as const;

type Values = ReturnType<typeof readFlags<typeof options>>["values"];

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const { backend, out } = values;
  if (backend === undefined) throw new UsageError("--backend must name a ModelBackend");
  if (out === undefined) throw new UsageError("--out must name the file to write");
  const environment = readEnvironment(process.env);
  const config = await openConfig(values, environment);
  const entry = tableOfFolder(config).backends[backend];
  if (entry === undefined) throw new UsageError(`--backend: the folder has no ${backend}`);
  const stored = await loadModel(values.classifier ?? shippedModel);
  const { tiers, stages } = stored.model.header;
  const tier = stages.hidden.weights[tiers.indexOf(entry.tier)];
  if (tier === undefined) {
    throw new UsageError(
      `The classifier knows ${tiers.join(", ")}, and not the tier ${entry.tier}`,
    );
  }
  const { namespace } = config.group;
  const labels = await labelsFor({ backend, namespace }, stored, values, environment);
  const judged = judgeAbility(tier, labels);
  const fitted: FittedAbility = {
    backend,
    model: stored.digest,
    weights: judged.ability.weights,
    labels: labels.length,
    fittedAt: Date.now(),
  };
  const others = (await knownAbilities(out)).filter((each) => each.backend !== backend);
  await writeOut(out, abilityYaml(config.group.namespace, [...others, fitted]));
  console.log(told(backend, entry.tier, judged));
  return 0;
}

/** Another namespace may call another model by the same name. */
interface Answering {
  backend: string;
  namespace: string;
}

/** @throws UsageError where they are too few */
async function labelsFor(
  { backend, namespace }: Answering,
  stored: StoredModel,
  values: Values,
  environment: Environment,
): Promise<AbilityLabel[]> {
  if ((values.labels === undefined) === (values.data === undefined)) {
    throw new UsageError("Say where the labels are: either --labels PLACE or --data FILE");
  }
  const { labels, others } =
    values.labels === undefined
      ? { labels: await labelsOfFile(stored, values), others: 0 }
      : await labelsOfRecords({ backend, namespace }, values, stored, environment);
  if (labels.length >= fewestAbilityLabels) return labels;
  const left =
    others === 0
      ? ""
      : `; ${others} more were taken with another classifier than ${stored.digest.slice(0, 12)}, and say nothing to this one: replay the golden set, or name theirs with --classifier`;
  throw new UsageError(
    `${backend} has ${labels.length} labels: it takes ${fewestAbilityLabels} at least, and 200 do better${left}`,
  );
}

async function labelsOfRecords(
  { backend, namespace }: Answering,
  { labels: place = "", since: text }: Values,
  { digest }: StoredModel,
  environment: Environment,
): Promise<{ labels: AbilityLabel[]; others: number }> {
  const left = new LeftOut();
  const since = text === undefined ? undefined : timeOf("since", text, Date.now());
  const store = await openRecords(place, environment);
  const latest = new Map<string, AbilityLabel & { ts: string }>();
  let others = 0;
  const wish = { namespace, since, onBroken: left.add.bind(left) };
  try {
    for await (const label of readLabels(store, wish)) {
      if (label.backend !== backend || label.heads === null) continue;
      if (label.classifier_digest !== digest) {
        others += 1;
        continue;
      }
      const before = latest.get(label.prompt_id);
      if (before !== undefined && before.ts > label.ts) continue;
      latest.set(label.prompt_id, { heads: label.heads, correct: label.score, ts: label.ts });
    }
  } finally {
    store.close();
  }
  left.tell();
  return { labels: [...latest.values()], others };
}

async function labelsOfFile({ model }: StoredModel, values: Values): Promise<AbilityLabel[]> {
  const { data, model: name } = values;
  if (data === undefined) return [];
  if (name === undefined) throw new UsageError("--model must say what the file calls the backend");
  const menu = await readMenu(values.tiers ?? join(dirname(data), "tiers.json"));
  const classifier = new Classifier(model);
  return (await readPrompts(data, menu)).flatMap(({ text, judged }) => {
    const correct = judged[name];
    if (correct === undefined) return [];
    // The heads are written over by the next prompt.
    return [{ heads: [...classifier.score(plainQuestion(text)).heads], correct }];
  });
}

const abilityKey = "abilities.json";

function abilityYaml(namespace: string, abilities: readonly FittedAbility[]): string {
  const file: AbilityFile = { version: 1, abilities };
  const note =
    "# Made by switchyard onboard: each backend's ability stays until it is fitted again.\n";
  return (
    note +
    stringify(
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: {
          name: "switchyard-abilities",
          namespace,
          labels: { "switchyard.dev/holds": "abilities" },
        },
        data: { [abilityKey]: JSON.stringify(file) },
      },
      { lineWidth: 0 },
    )
  );
}

/** Null of what is no YAML. */
function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

/** @throws UsageError where the file is there and holds something else */
async function knownAbilities(out: string): Promise<readonly FittedAbility[]> {
  const text = await readFile(out, "utf8").catch(() => undefined);
  if (text === undefined) return [];
  const value = parsed(text) as { data?: Record<string, unknown> } | null;
  const content = value?.data?.[abilityKey];
  const read = typeof content === "string" ? readAbilityFile(content) : undefined;
  if (read?.ok === true) return read.value.abilities;
  throw new UsageError(`${out} is there and holds no abilities: name another file with --out`);
}

function told(backend: string, tier: string, judged: JudgedAbility): string {
  const { labels, correct, asDeclared, fitted } = judged;
  const line = (name: string, { mean, areaUnderCurve, brier }: JudgedAbility["fitted"]): string =>
    `  ${name.padEnd(18)} ${mean.toFixed(3)} foretold, AUC ${Number.isNaN(areaUnderCurve) ? "–" : areaUnderCurve.toFixed(3)}, Brier ${brier.toFixed(3)}`;
  return [
    `${backend}: ${labels} labels, ${correct.toFixed(3)} correct`,
    line(`as ${tier}`, asDeclared),
    line("with its ability", fitted),
  ].join("\n");
}

export const onboard: Command = { help, run };
