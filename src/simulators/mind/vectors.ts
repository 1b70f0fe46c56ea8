import { hashText, seededRandom } from "../../lib/index.ts";

// More words change the direction of a vector little and cost time.
const mostWords = 400;

/**
 * A vector of length one for a text, the same for the same seed, model and words: texts that share
 * words point in similar directions, and a shorter vector is the beginning of a longer one.
 */
export function embedText(
  seed: number,
  modelId: string,
  text: string,
  dimensions: number,
): number[] {
  const words =
    text
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.slice(0, mostWords) ?? [];
  const sum = Array.from({ length: dimensions }, () => 0);
  for (const word of words.length > 0 ? words : [text]) {
    const random = seededRandom(hashText(`${seed}|${modelId}|${word}`));
    for (let index = 0; index < dimensions; index += 1)
      sum[index] = (sum[index] ?? 0) + random() - 0.5;
  }
  return normalize(sum);
}

function normalize(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => Number((value / length).toPrecision(8)));
}

/** Whole numbers from -128 to 127 that keep the direction. */
export function toInt8(vector: readonly number[]): number[] {
  const largest = Math.max(...vector.map(Math.abs)) || 1;
  return vector.map((value) => Math.round((value / largest) * 127));
}

/** One bit a dimension, eight to a number from 0 to 255, the first dimension in the highest bit. */
export function toBits(vector: readonly number[]): number[] {
  const bytes = Array.from({ length: Math.ceil(vector.length / 8) }, () => 0);
  for (const [index, value] of vector.entries()) {
    if (value > 0) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (0x80 >> (index & 7));
  }
  return bytes;
}
