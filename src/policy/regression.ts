/** What a fit is drawn towards, and how hard. */
export interface Ridge {
  /** By weight, the constant first; 0 leaves a weight free. */
  strength: readonly number[];
  /** By weight; absent: 0 each. */
  towards?: readonly number[];
}

/** The same strength for every weight but the constant. */
export function evenRidge(weights: number, strength: number): Ridge {
  return {
    strength: Array.from({ length: weights }, (_, place) => (place === 0 ? 1e-6 : strength)),
  };
}

const steps = 100;
/** Far from its goal Newton's method overshoots: no weight moves further at once. */
const longestStep = 2;
const closeEnough = 1e-7;

/**
 * Weights of a logistic regression by Newton's method, the constant first. Answers may be shares.
 *
 * @param inputs by example: without the 1 of the constant
 */
export function fitLogistic(
  inputs: readonly ArrayLike<number>[],
  answers: ArrayLike<number>,
  ridge: Ridge,
): number[] {
  const size = ridge.strength.length;
  const weights = Array.from({ length: size }, (_, place) => ridge.towards?.[place] ?? 0);
  for (let step = 0; step < steps; step += 1) {
    const { slope, curve } = derivatives(inputs, answers, weights, ridge);
    const change = solve(curve, slope);
    const largest = change.reduce((most, by) => Math.max(most, Math.abs(by)), 0);
    const scale = Math.min(1, longestStep / largest);
    for (const [place, by] of change.entries()) weights[place] = (weights[place] ?? 0) + scale * by;
    if (largest < closeEnough) break;
  }
  return weights;
}

interface Derivatives {
  slope: Float64Array;
  /** Row by row. */
  curve: Float64Array;
}

function derivatives(
  inputs: readonly ArrayLike<number>[],
  answers: ArrayLike<number>,
  weights: readonly number[],
  { strength, towards }: Ridge,
): Derivatives {
  const size = weights.length;
  const slope = Float64Array.from(
    weights,
    (weight, place) => ((towards?.[place] ?? 0) - weight) * (strength[place] ?? 0),
  );
  const curve = new Float64Array(size * size);
  for (let place = 0; place < size; place += 1) curve[place * size + place] = strength[place] ?? 0;
  const example = new Float64Array(size);
  example[0] = 1;
  for (const [index, input] of inputs.entries()) {
    example.set(input, 1);
    const chance = logistic(dot(weights, example));
    addExample(example, (answers[index] ?? 0) - chance, chance * (1 - chance), { slope, curve });
  }
  mirror(curve, size);
  return { slope, curve };
}

function addExample(
  example: Float64Array,
  miss: number,
  weight: number,
  { slope, curve }: Derivatives,
): void {
  const size = example.length;
  for (let row = 0; row < size; row += 1) {
    const value = example[row] ?? 0;
    slope[row] = (slope[row] ?? 0) + miss * value;
    const scaled = weight * value;
    for (let column = 0; column <= row; column += 1) {
      const place = row * size + column;
      curve[place] = (curve[place] ?? 0) + scaled * (example[column] ?? 0);
    }
  }
}

function mirror(square: Float64Array, size: number): void {
  for (let row = 0; row < size; row += 1) {
    for (let column = row + 1; column < size; column += 1) {
      square[row * size + column] = square[column * size + row] ?? 0;
    }
  }
}

/** Of a symmetric positive definite matrix, row by row, by Cholesky's decomposition. */
export function solve(square: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const lower = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let rest = square[row * size + column] ?? 0;
      for (let inner = 0; inner < column; inner += 1) {
        rest -= (lower[row * size + inner] ?? 0) * (lower[column * size + inner] ?? 0);
      }
      lower[row * size + column] =
        row === column
          ? Math.sqrt(Math.max(rest, 1e-12))
          : rest / (lower[column * size + column] ?? 1);
    }
  }
  return substitute(lower, right);
}

/** Of the triangle, forwards, and of its mirror image, backwards. */
function substitute(lower: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const found = Float64Array.from(right);
  const at = (row: number, column: number): number => lower[row * size + column] ?? 0;
  const take = (row: number, inner: number, weight: number): void => {
    found[row] = (found[row] ?? 0) - weight * (found[inner] ?? 0);
  };
  for (let row = 0; row < size; row += 1) {
    for (let inner = 0; inner < row; inner += 1) take(row, inner, at(row, inner));
    found[row] = (found[row] ?? 0) / at(row, row);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    for (let inner = row + 1; inner < size; inner += 1) take(row, inner, at(inner, row));
    found[row] = (found[row] ?? 0) / at(row, row);
  }
  return found;
}

export const logistic = (logit: number): number => 1 / (1 + Math.exp(-logit));

export function dot(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let sum = 0;
  for (let place = 0; place < left.length; place += 1)
    sum += (left[place] ?? 0) * (right[place] ?? 0);
  return sum;
}

/** Of a regression with its constant first. */
export function logitOf(weights: ArrayLike<number>, input: ArrayLike<number>): number {
  let sum = weights[0] ?? 0;
  for (let place = 0; place < input.length; place += 1) {
    sum += (weights[place + 1] ?? 0) * (input[place] ?? 0);
  }
  return sum;
}
