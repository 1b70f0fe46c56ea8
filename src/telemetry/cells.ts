// What one series of a metric has added up to. Plain numbers: a request touches a dozen of them.

/** Buckets an octave in exponential histograms, as a power of two: 8 buckets, each 9 % wide. */
export const exponentialScale = 3;
const bucketsPerOctave = 2 ** exponentialScale;
/** Below this a value counts as zero, and above as this, so that a histogram has 640 buckets at most. */
const least = 2 ** -40;
const most = 2 ** 40;

export class NumberCell {
  value = 0;

  add(amount: number): void {
    this.value += amount;
  }
}

/** What a histogram holds at one moment. */
export interface HistogramState {
  count: number;
  sum: number;
  /** Infinite where nothing was recorded, and in differences. */
  min: number;
  max: number;
  /** Counts between the explicit boundaries; one more than these. */
  explicit: number[];
  zeros: number;
  /** Index of the first exponential bucket. */
  offset: number;
  exponential: number[];
}

export const emptyHistogram = (boundaries: readonly number[]): HistogramState => ({
  count: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  explicit: Array.from({ length: boundaries.length + 1 }, () => 0),
  zeros: 0,
  offset: 0,
  exponential: [],
});

/** Counts values both between explicit boundaries and in exponential buckets: each destination takes its kind. */
export class HistogramCell {
  readonly boundaries: readonly number[];
  readonly state: HistogramState;

  constructor(boundaries: readonly number[]) {
    this.boundaries = boundaries;
    this.state = emptyHistogram(boundaries);
  }

  /** Takes a value `times` over; what is negative or no number is ignored. */
  record(value: number, times = 1): void {
    if (!(value >= 0) || times <= 0) return;
    const state = this.state;
    state.count += times;
    state.sum += value * times;
    if (value < state.min) state.min = value;
    if (value > state.max) state.max = value;
    const bucket = explicitIndex(this.boundaries, value);
    state.explicit[bucket] = (state.explicit[bucket] ?? 0) + times;
    if (value < least) state.zeros += times;
    else addExponential(state, exponentialIndex(Math.min(value, most)), times);
  }
}

/** The first boundary that is not below the value. */
function explicitIndex(boundaries: readonly number[], value: number): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((boundaries[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Bucket i holds what is above 2^(i/8) and not above 2^((i+1)/8), as OpenTelemetry's data model says. */
export const exponentialIndex = (value: number): number =>
  Math.ceil(Math.log2(value) * bucketsPerOctave) - 1;

function addExponential(state: HistogramState, index: number, times: number): void {
  if (state.exponential.length === 0) state.offset = index;
  while (index < state.offset) {
    state.exponential.unshift(0);
    state.offset -= 1;
  }
  const place = index - state.offset;
  while (state.exponential.length <= place) state.exponential.push(0);
  state.exponential[place] = (state.exponential[place] ?? 0) + times;
}

export function copyHistogram(state: HistogramState): HistogramState {
  return { ...state, explicit: [...state.explicit], exponential: [...state.exponential] };
}

/** What was recorded after `earlier`, a former state of the same histogram. Least and greatest are lost. */
export function histogramSince(state: HistogramState, earlier: HistogramState): HistogramState {
  const shift = earlier.offset - state.offset;
  return {
    count: state.count - earlier.count,
    sum: state.sum - earlier.sum,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    explicit: state.explicit.map((count, index) => count - (earlier.explicit[index] ?? 0)),
    zeros: state.zeros - earlier.zeros,
    offset: state.offset,
    exponential: state.exponential.map(
      (count, index) => count - (earlier.exponential[index - shift] ?? 0),
    ),
  };
}
