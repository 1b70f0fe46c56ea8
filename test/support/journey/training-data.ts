import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { GoldenPrompt } from "../../../src/simulators/index.ts";
import { candidates, knows, questionsFor } from "./exam.ts";

const tiers = ["Small", "Large", "Frontier"];
const prices = [
  [0.035, 0.14],
  [0.8, 4],
  [3, 15],
];

/** Writes what `switchyard train --data` reads: the exam's training part, labelled by its truth. */
export async function writeTrainingData(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const usdPerMTok = Object.fromEntries(tiers.map((tier, place) => [tier, prices[place]]));
  const menu = { tiers, models: { exam: candidates }, usdPerMTok };
  await writeFile(join(folder, "tiers.json"), JSON.stringify(menu));
  const questions = questionsFor("training");
  const places = { train: [0, 1_400], calib: [1_400, 1_700], dev: [1_700, 2_000] };
  for (const [name, place] of Object.entries(places)) {
    const lines = questions
      .slice(...place)
      .map((question, at) => lineOf(question, `${name}-${at}`));
    await writeFile(join(folder, `${name}.jsonl.gz`), gzipSync(`${lines.join("\n")}\n`));
  }
}

/** All answer in a short sentence, whoever they are. */
const answerTokens = 6;

function lineOf(question: GoldenPrompt, id: string): string {
  const judged = candidates.map((name) => [
    name,
    { ok: knows(name, question) ? 1 : 0, out: answerTokens },
  ]);
  const { prompt } = question;
  return JSON.stringify({
    id,
    bench: "exam",
    route: "exam",
    prompt,
    models: Object.fromEntries(judged),
  });
}
