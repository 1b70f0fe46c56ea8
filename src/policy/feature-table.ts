import { denseCount, Featuriser, FeatureVector, plainQuestion } from "../routing/index.ts";

/** The features of many prompts, row after row. */
export interface FeatureTable {
  /** Where each row begins, and behind the last where it ends. */
  starts: Int32Array;
  slots: Uint16Array;
  values: Float32Array;
  dense: readonly Float32Array[];
}

export function featureTable(texts: readonly string[]): FeatureTable {
  const featuriser = new Featuriser();
  const vector = new FeatureVector();
  const starts = new Int32Array(texts.length + 1);
  const slots: Uint16Array[] = [];
  const values: Float32Array[] = [];
  const dense: Float32Array[] = [];
  for (const [row, text] of texts.entries()) {
    featuriser.featurise(plainQuestion(text), vector);
    slots.push(vector.slots.slice(0, vector.count));
    values.push(vector.values.slice(0, vector.count));
    dense.push(vector.dense.slice(0, denseCount));
    starts[row + 1] = (starts[row] ?? 0) + vector.count;
  }
  const total = starts[texts.length] ?? 0;
  const table = { starts, slots: new Uint16Array(total), values: new Float32Array(total), dense };
  for (const row of texts.keys()) {
    table.slots.set(slots[row] ?? [], starts[row] ?? 0);
    table.values.set(values[row] ?? [], starts[row] ?? 0);
  }
  return table;
}
