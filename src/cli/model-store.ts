import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { readPolicies, type IssuedPolicies } from "../policy/index.ts";
import {
  ClassifierEstimator,
  decodeModel,
  encodeModel,
  modelDigest,
  type ClassifierModel,
} from "../routing/index.ts";
import { UsageError } from "./usage-error.ts";

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Unpacked: more than any model that fits a slot of the table. */
const largest = 16 * 2 ** 20;

/** Where gzip writes down the operating system; 255 is none in particular, the same on all of them. */
const systemByte = 9;

export interface StoredModel {
  model: ClassifierModel;
  /** Of its unpacked bytes. */
  digest: string;
}

/** Writes a model packed. @returns its digest and its packed size in bytes */
export async function storeModel(
  file: string,
  model: ClassifierModel,
): Promise<{ digest: string; size: number }> {
  const bytes = encodeModel(model);
  const packed = await pack(bytes, { level: 9 });
  packed[systemByte] = 255;
  await writeFile(file, packed);
  return { digest: modelDigest(bytes), size: packed.length };
}

/** @throws UsageError where it cannot be read, or is refused */
export async function loadModel(file: string | URL): Promise<StoredModel> {
  const bytes = await read(file, async () =>
    unpack(await readFile(file), { maxOutputLength: largest }),
  );
  const decoded = decodeModel(bytes);
  if (!decoded.ok) throw new UsageError(`${String(file)}: ${decoded.error.message}`);
  return { model: decoded.value, digest: modelDigest(bytes) };
}

/** The classifier that comes with this release, ready to judge. @throws UsageError where its file is not as it was shipped */
export async function loadClassifier(): Promise<ClassifierEstimator> {
  const { model, digest } = await loadModel(shippedModel);
  const classifier = ClassifierEstimator.of(model, digest);
  if (!classifier.ok) throw new UsageError(`${String(shippedModel)}: ${classifier.error.message}`);
  return classifier.value;
}

/** @throws UsageError */
export async function loadPolicies(file: string | URL): Promise<IssuedPolicies> {
  const policies = readPolicies(await read(file, () => readFile(file, "utf8")));
  if (policies.ok) return policies.value;
  throw new UsageError(`${String(file)}: ${policies.error}`);
}

async function read<T>(file: string | URL, reading: () => Promise<T>): Promise<T> {
  try {
    return await reading();
  } catch (error) {
    throw new UsageError(
      `${String(file)}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The model that comes with this release, beside this file in the sources and beside the bundle. */
export const shippedModel = new URL("models/general-v1.model.gz", import.meta.url);
export const shippedPolicies = new URL("models/general-v1.policies.json", import.meta.url);
