import type { ConfigMapManifest } from "../api/index.ts";
import { err, ok, type Result } from "../lib/index.ts";

/**
 * Looks at the gzip of a classifier model. What a model is, the operator does not know.
 *
 * @returns its digest, or what is wrong with it in a sentence
 */
export type InspectModel = (packed: Uint8Array) => Result<{ digest: string }, string>;

/** A classifier model as a slot holds it. */
export interface PackedModel {
  digest: string;
  packed: Uint8Array;
}

/** Reads the models of ConfigMaps, each once, and those of slots. */
export class ModelReader {
  readonly #inspect: InspectModel;
  readonly #known = new WeakMap<ConfigMapManifest, Result<PackedModel, string>>();

  constructor(inspect: InspectModel = () => err("This operator reads no classifiers")) {
    this.#inspect = inspect;
  }

  inConfigMap(configMap: ConfigMapManifest): Result<PackedModel, string> {
    const found =
      this.#known.get(configMap) ?? this.inSlot(Buffer.from(configMap.content, "base64"));
    this.#known.set(configMap, found);
    return found;
  }

  inSlot(packed: Uint8Array): Result<PackedModel, string> {
    const found = this.#inspect(packed);
    return found.ok ? ok({ digest: found.value.digest, packed }) : found;
  }

  /** The model with a digest among those of ConfigMaps. */
  find(digest: string, configMaps: readonly ConfigMapManifest[]): PackedModel | undefined {
    for (const configMap of configMaps) {
      const model = configMap.holds === "classifier" ? this.inConfigMap(configMap) : undefined;
      if (model?.ok === true && model.value.digest === digest) return model.value;
    }
    return undefined;
  }
}
