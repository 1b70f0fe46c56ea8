import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeModel,
  encodeModel,
  modelDigest,
  type ModelHeader,
} from "../../../src/routing/index.ts";
import { tinyModel } from "../../support/tiny-model.ts";

const model = tinyModel();
const bytes = encodeModel(model);

const codeOf = (file: Uint8Array): string => {
  const decoded = decodeModel(file);
  return decoded.ok ? "taken" : decoded.error.code;
};

/** With a digest that is true of the changed bytes: what remains is the decoder's own judgement. */
function signed(file: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(file);
  copy.set(createHash("sha256").update(copy.subarray(0, -32)).digest(), copy.length - 32);
  return copy;
}

describe("a model file", () => {
  it("brings back what was written", () => {
    const decoded = decodeModel(bytes);
    expect(decoded.ok && decoded.value.header).toEqual(model.header);
    expect(decoded.ok && Buffer.from(decoded.value.weights)).toEqual(Buffer.from(model.weights));
  });

  it("is the same bytes for the same model, and others for another", () => {
    expect(modelDigest(encodeModel(tinyModel()))).toBe(modelDigest(bytes));
    expect(modelDigest(encodeModel(tinyModel({ name: "other" })))).not.toBe(modelDigest(bytes));
  });

  it("is refused when any byte of it has changed", () => {
    const places = fc.nat({ max: bytes.length - 1 });
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 255 }), (place, change) => {
        const changed = Uint8Array.from(bytes);
        changed[place]! ^= change;
        expect(codeOf(changed)).not.toBe("taken");
      }),
    );
  });

  it("is refused when it ends anywhere before its end, or goes on behind it", () => {
    const lengths = fc.nat({ max: bytes.length - 1 });
    fc.assert(
      fc.property(lengths, (length) => {
        expect(codeOf(bytes.subarray(0, length))).not.toBe("taken");
        if (length > 64) expect(codeOf(signed(bytes.subarray(0, length)))).not.toBe("taken");
      }),
    );
    expect(codeOf(signed(Buffer.concat([bytes, Buffer.alloc(5)])))).toBe("ModelTruncated");
  });

  it("survives any bytes at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(codeOf(noise)).not.toBe("taken");
        expect(codeOf(Buffer.concat([bytes.subarray(0, 16), noise]))).not.toBe("taken");
      }),
    );
  });

  it.each([
    ["NotAModel", (file: Buffer) => file.write("PK", 0)],
    ["ModelVersion", (file: Buffer) => file.writeUInt32LE(2, 8)],
    ["ModelTruncated", (file: Buffer) => file.writeUInt32LE(0xffff_ffff, 12)],
    ["HeaderInvalid", (file: Buffer) => file.write("[", 16)],
    ["DigestMismatch", (file: Buffer) => file.writeUInt8(1, file.length - 40)],
  ])("is refused as %s", (code, change) => {
    const file = Buffer.from(bytes);
    change(file);
    const wanted = code === "DigestMismatch" ? file : signed(file);
    expect(codeOf(wanted)).toBe(code);
  });

  it.each<[string, string, Partial<ModelHeader>]>([
    ["FeaturesDiffer", "was trained on features 00000000", { featureHash: "00000000" }],
    ["HeaderInvalid", "tiers", { tiers: ["Only"] }],
    ["HeaderInvalid", "scales has 1 members, not 5", { scales: [1] }],
    [
      "HeaderInvalid",
      "dense has 2 members, not 17",
      { dense: model.header.dense.map(() => [1, 2]) },
    ],
    [
      "HeaderInvalid",
      "stages.known has 6",
      { stages: { hidden: model.header.stages.hidden, known: model.header.stages.hidden } },
    ],
    [
      "HeaderInvalid",
      "prior.routes has 1",
      { prior: { ...model.header.prior, routes: { sums: { count: 2, correct: [1] } } } },
    ],
    ["HeaderInvalid", "tokensAt points behind", { tokensAt: 4 }],
  ])("is refused as %s where %s", (code, said, change) => {
    const decoded = decodeModel(encodeModel({ ...model, header: { ...model.header, ...change } }));
    expect(decoded.ok ? "taken" : decoded.error.code).toBe(code);
    expect(decoded.ok ? "" : decoded.error.message).toContain(said);
  });
});
