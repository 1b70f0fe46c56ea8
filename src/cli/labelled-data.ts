import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { readLabels, readTierMenu, type LabelledPrompt, type TierMenu } from "../policy/index.ts";
import { UsageError } from "./usage-error.ts";

const unpack = promisify(gunzip);

/** Unpacked; a file of prompts that is larger is a mistake. */
const largest = 2 ** 30;

/** The text of a file, unpacked where its name ends in .gz. @throws UsageError */
async function readText(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    return (
      file.endsWith(".gz") ? await unpack(bytes, { maxOutputLength: largest }) : bytes
    ).toString();
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws UsageError */
export async function readMenu(file: string): Promise<TierMenu> {
  const menu = readTierMenu(await readText(file));
  if (menu.ok) return menu.value;
  throw new UsageError(`${file}: ${menu.error}`);
}

/** @throws UsageError with the line at fault */
export async function readPrompts(file: string, menu: TierMenu): Promise<LabelledPrompt[]> {
  const prompts = readLabels(await readText(file), menu);
  if (prompts.ok && prompts.value.length > 0) return prompts.value;
  throw new UsageError(`${file}: ${prompts.ok ? "there is no prompt in it" : prompts.error}`);
}

/** A folder of labelled prompts, split as `switchyard train` and `switchyard eval` want it. */
export interface LabelledData {
  menu: TierMenu;
  train: LabelledPrompt[];
  calib: LabelledPrompt[];
  dev: LabelledPrompt[];
  /** Names the training data. */
  digest: string;
}

/** @throws UsageError */
export async function readData(folder: string): Promise<LabelledData> {
  const menu = await readMenu(join(folder, "tiers.json"));
  const read = (name: string): Promise<LabelledPrompt[]> =>
    readPrompts(join(folder, `${name}.jsonl.gz`), menu);
  const [train, calib, dev] = [await read("train"), await read("calib"), await read("dev")];
  const digest = createHash("sha256").update(JSON.stringify({ menu, train })).digest("hex");
  return { menu, train, calib, dev, digest };
}
