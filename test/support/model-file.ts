import { encodeModel, modelDigest } from "../../src/routing/index.ts";
import { tinyModel } from "./tiny-model.ts";

/** A classifier model as it is stored, unpacked. */
export interface ModelFile {
  bytes: Uint8Array;
  digest: string;
}

/** A tiny model that is another for each seed. */
export function modelFile(seed: number): ModelFile {
  const bytes = encodeModel(tinyModel({}, seed));
  return { bytes, digest: modelDigest(bytes) };
}
