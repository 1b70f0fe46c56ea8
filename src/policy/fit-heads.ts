import { seededRandom } from "../lib/index.ts";
import { denseCount, slotCount } from "../routing/index.ts";
import type { FeatureTable } from "./feature-table.ts";
import { logistic } from "./regression.ts";

export interface HeadTargets {
  /** By head: whether it says a probability's logit, or the number itself. */
  isLogistic: readonly boolean[];
  /** By row, then by head. */
  values: Float64Array;
}

/** Heads before they are made small: by slot, then by head; the dense ones and the constant behind. */
export type HeadWeights = Float32Array;

/** The dense features follow the slots, and the constant follows them. */
const rowsOfWeights = slotCount + denseCount + 1;

const epochs = 6;
const rate = 0.03;
/** Squares of slopes that a weight is taken to have seen, so that its first step is a short one. */
const seenBefore = 0.01;
const shrinkage = 1e-4;

export function emptyHeads({ isLogistic }: HeadTargets): HeadWeights {
  return new Float32Array(rowsOfWeights * isLogistic.length);
}

/** AdaGrad over the rows in an order drawn by the seed: the same seed gives the same weights. */
export function fitHeads(
  table: FeatureTable,
  rows: readonly number[],
  targets: HeadTargets,
  seed: number,
): HeadWeights {
  const heads = targets.isLogistic.length;
  const weights = emptyHeads(targets);
  const squares = new Float32Array(weights.length).fill(seenBefore);
  setConstants(weights, rows, targets);
  const learner = { weights, squares, miss: new Float64Array(heads) };
  const random = seededRandom(seed);
  const order = Int32Array.from(rows);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    for (const row of order) {
      const said = sayHeads(table, row, weights, learner.miss);
      for (let head = 0; head < heads; head += 1) {
        const is = said[head] ?? 0;
        const guess = targets.isLogistic[head] === true ? logistic(is) : is;
        said[head] = guess - (targets.values[row * heads + head] ?? 0);
      }
      learnFrom(table, row, learner);
    }
  }
  return weights;
}

/** Overwrites `into` with what the heads say of a row, and gives it back. */
export function sayHeads(
  { starts, slots, values, dense }: FeatureTable,
  row: number,
  weights: HeadWeights,
  into: Float64Array,
): Float64Array {
  into.fill(0);
  const end = starts[row + 1] ?? 0;
  for (let index = starts[row] ?? 0; index < end; index += 1) {
    addRow(weights, slots[index] ?? 0, values[index] ?? 0, into);
  }
  for (const [place, value] of (dense[row] ?? []).entries()) {
    if (value !== 0) addRow(weights, slotCount + place, value, into);
  }
  addRow(weights, slotCount + denseCount, 1, into);
  return into;
}

function addRow(weights: HeadWeights, slot: number, value: number, into: Float64Array): void {
  const heads = into.length;
  const start = slot * heads;
  for (let head = 0; head < heads; head += 1) {
    into[head] = (into[head] ?? 0) + (weights[start + head] ?? 0) * value;
  }
}

interface Learner {
  weights: HeadWeights;
  squares: Float32Array;
  miss: Float64Array;
}

function learnFrom(
  { starts, slots, values, dense }: FeatureTable,
  row: number,
  learner: Learner,
): void {
  const end = starts[row + 1] ?? 0;
  for (let index = starts[row] ?? 0; index < end; index += 1) {
    stepRow(learner, slots[index] ?? 0, values[index] ?? 0, shrinkage);
  }
  for (const [place, value] of (dense[row] ?? []).entries()) {
    if (value !== 0) stepRow(learner, slotCount + place, value, 0);
  }
  stepRow(learner, slotCount + denseCount, 1, 0);
}

function stepRow(
  { weights, squares, miss }: Learner,
  slot: number,
  value: number,
  shrink: number,
): void {
  const heads = miss.length;
  const start = slot * heads;
  for (let head = 0; head < heads; head += 1) {
    const place = start + head;
    const weight = weights[place] ?? 0;
    const slope = (miss[head] ?? 0) * value + shrink * weight;
    const seen = (squares[place] ?? 0) + slope * slope;
    squares[place] = seen;
    weights[place] = weight - (rate * slope) / Math.sqrt(seen);
  }
}

/** Without features a head says the mean. */
function setConstants(weights: HeadWeights, rows: readonly number[], targets: HeadTargets): void {
  const heads = targets.isLogistic.length;
  const start = (slotCount + denseCount) * heads;
  for (const [head, isLogistic] of targets.isLogistic.entries()) {
    let sum = 0;
    for (const row of rows) sum += targets.values[row * heads + head] ?? 0;
    const mean = sum / Math.max(1, rows.length);
    const share = Math.min(0.999, Math.max(0.001, mean));
    weights[start + head] = isLogistic ? Math.log(share / (1 - share)) : mean;
  }
}

function shuffle(order: Int32Array, random: () => number): void {
  for (let place = order.length - 1; place > 0; place -= 1) {
    const other = Math.floor(random() * (place + 1));
    const moved = order[place] ?? 0;
    order[place] = order[other] ?? 0;
    order[other] = moved;
  }
}
