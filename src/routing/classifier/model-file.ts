import { createHash } from "node:crypto";
import { canonicalJson, err, ok, type Json, type Result } from "../../lib/index.ts";
import { featureHash } from "../features/feature-hash.ts";
import {
  headerProblem,
  modelVersion,
  weightCount,
  type ClassifierModel,
  type ModelHeader,
} from "./model.ts";

export type ModelErrorCode =
  /** It does not begin as a model does. */
  | "NotAModel"
  /** A version of the file's shape that this release does not read. */
  | "ModelVersion"
  /** It has fewer or more bytes than its parts need. */
  | "ModelTruncated"
  /** Its bytes are not those that the digest at its end was taken of. */
  | "DigestMismatch"
  /** Its header is not of its shape, or its parts do not fit each other. */
  | "HeaderInvalid"
  /** It was fitted to other features than this release makes of a question. */
  | "FeaturesDiffer"
  /** It judges tiers that no backend can be of. */
  | "TiersUnknown";

/** Why a model was refused: an expected answer, since a router keeps its old model then. */
export interface ModelError {
  code: ModelErrorCode;
  /** A sentence for logs. */
  message: string;
}

const magic = "SWYMODEL";
const digestBytes = 32;
/** Magic, version and the header's length. */
const preamble = magic.length + 8;
const longestHeader = 1 << 20;

/**
 * The file: magic, version, the header's length, the header as canonical JSON, the weights, and the
 * SHA-256 of all before it. The same model gives the same bytes everywhere.
 */
export function encodeModel({ header, weights }: ClassifierModel): Uint8Array {
  const head = Buffer.from(canonicalJson(header as unknown as Json));
  const file = Buffer.alloc(preamble + head.length + weights.length + digestBytes);
  file.write(magic, 0, "latin1");
  file.writeUInt32LE(modelVersion, magic.length);
  file.writeUInt32LE(head.length, magic.length + 4);
  head.copy(file, preamble);
  file.set(
    new Uint8Array(weights.buffer, weights.byteOffset, weights.length),
    preamble + head.length,
  );
  digestOf(file).copy(file, file.length - digestBytes);
  return file;
}

/** Names a model: hexadecimal, of its bytes. */
export function modelDigest(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(bytes.length - digestBytes)).toString("hex");
}

/**
 * Reads a model file, of which nothing is believed: what is cut, changed, of another version or made
 * for other features than this release's is refused.
 */
export function decodeModel(bytes: Uint8Array): Result<ClassifierModel, ModelError> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.toString("latin1", 0, magic.length) !== magic) {
    return refuse("NotAModel", "These bytes are no classifier model");
  }
  if (file.length < preamble + digestBytes) return cut(preamble + digestBytes, file.length);
  const version = file.readUInt32LE(magic.length);
  if (version !== modelVersion) {
    return refuse(
      "ModelVersion",
      `The model has version ${version}; this release reads ${modelVersion}`,
    );
  }
  const headEnd = preamble + file.readUInt32LE(magic.length + 4);
  if (headEnd - preamble > longestHeader || headEnd + digestBytes > file.length) {
    return cut(headEnd + digestBytes, file.length);
  }
  if (!digestOf(file).equals(file.subarray(file.length - digestBytes))) {
    return refuse("DigestMismatch", "The model's bytes do not match the digest at their end");
  }
  return decodeParts(file, headEnd);
}

function decodeParts(file: Buffer, headEnd: number): Result<ClassifierModel, ModelError> {
  const parsed = parseJson(file.toString("utf8", preamble, headEnd));
  const problem = headerProblem(parsed);
  if (problem !== undefined) return refuse("HeaderInvalid", `The model's header: ${problem}`);
  const header = parsed as ModelHeader;
  if (header.featureHash !== featureHash()) {
    return refuse(
      "FeaturesDiffer",
      `The model was trained on features ${header.featureHash}; this release makes ${featureHash()}: train it again`,
    );
  }
  const end = headEnd + weightCount(header);
  if (end + digestBytes !== file.length) return cut(end + digestBytes, file.length);
  // A copy: the file's bytes may be a slice of a pool, and weights outlive it.
  return ok({ header, weights: new Int8Array(file.subarray(headEnd, end)) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of all but the place of the digest itself. */
function digestOf(file: Buffer): Buffer {
  return createHash("sha256")
    .update(file.subarray(0, file.length - digestBytes))
    .digest();
}

function cut(wanted: number, found: number): Result<never, ModelError> {
  return refuse("ModelTruncated", `The model should have ${wanted} bytes and has ${found}`);
}

function refuse(code: ModelErrorCode, message: string): Result<never, ModelError> {
  return err({ code, message });
}
