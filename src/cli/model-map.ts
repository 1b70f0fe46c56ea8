import { gunzipSync } from "node:zlib";
import type { ConfigMapManifest } from "../api/index.ts";
import { err, ok, type Result } from "../lib/index.ts";
import { ClassifierEstimator } from "../routing/index.ts";
import { packedLimit, unpackedLimit } from "../table/index.ts";

/** A classifier model as a ConfigMap holds it, which this release can use. */
export interface ModelBytes {
  digest: string;
  /** The file, unpacked. */
  bytes: Uint8Array;
  /** The file's gzip, as a slot holds it. */
  packed: Uint8Array;
}

const known = new WeakMap<ConfigMapManifest, Result<ModelBytes, string>>();

/**
 * Reads the classifier model in a ConfigMap, each ConfigMap once.
 *
 * @returns the model, or what is wrong with it in a sentence
 */
export function readModelMap(configMap: ConfigMapManifest): Result<ModelBytes, string> {
  const found = known.get(configMap) ?? inspectPacked(Buffer.from(configMap.content, "base64"));
  known.set(configMap, found);
  return found;
}

/** The model of the digest, among ConfigMaps that may hold one. */
export function modelInFolder(
  digest: string | undefined,
  configMaps: readonly ConfigMapManifest[],
): ModelBytes | undefined {
  for (const configMap of digest === undefined ? [] : configMaps) {
    const model = configMap.holds === "classifier" ? readModelMap(configMap) : undefined;
    if (model?.ok === true && model.value.digest === digest) return model.value;
  }
  return undefined;
}

/** The same of the gzip alone, as a slot holds it. */
export function inspectPacked(packed: Uint8Array): Result<ModelBytes, string> {
  if (packed.length > packedLimit) {
    return err(`It has ${packed.length} bytes; a table has room for ${packedLimit}`);
  }
  const bytes = unpack(packed);
  if (!bytes.ok) return bytes;
  const model = ClassifierEstimator.read(bytes.value);
  if (!model.ok) return err(model.error.message);
  return ok({ digest: model.value.digest, bytes: bytes.value, packed });
}

function unpack(packed: Uint8Array): Result<Uint8Array, string> {
  try {
    return ok(gunzipSync(packed, { maxOutputLength: unpackedLimit }));
  } catch (error) {
    return err(`It is no gzip: ${error instanceof Error ? error.message : String(error)}`);
  }
}
