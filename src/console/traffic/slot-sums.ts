/** How a sliding past is cut: so many slots of so many milliseconds, the present one among them. */
export interface SlotShape {
  slotMs: number;
  slots: number;
}

/**
 * Sums over a sliding past: one row of numbers for each slot of time. Adding to it allocates nothing,
 * and time that passes without news costs nothing. Times are of a clock that never steps back.
 */
export class SlotSums {
  readonly columns: number;
  readonly shape: SlotShape;
  readonly #values: Float32Array;
  /** Which slot of time a row holds. */
  readonly #times: Float64Array;

  constructor(columns: number, shape: SlotShape) {
    this.columns = columns;
    this.shape = shape;
    this.#values = new Float32Array(columns * shape.slots);
    this.#times = new Float64Array(shape.slots).fill(-1);
  }

  add(column: number, amount: number, now: number): void {
    const time = Math.floor(now / this.shape.slotMs);
    const row = time % this.shape.slots;
    if (this.#times[row] !== time) this.#begin(row, time);
    const place = row * this.columns + column;
    this.#values[place] = (this.#values[place] ?? 0) + amount;
  }

  /**
   * Adds all columns of the slot that was so many slots ago to others.
   *
   * @returns their sum
   */
  addTo(others: Float64Array, ago: number, now: number): number {
    const row = this.#rowOf(ago, now);
    if (row < 0) return 0;
    let sum = 0;
    for (let column = 0; column < this.columns; column += 1) {
      const value = this.#values[row * this.columns + column] ?? 0;
      others[column] = (others[column] ?? 0) + value;
      sum += value;
    }
    return sum;
  }

  /** The sum of a column over whole slots: `from` slots ago to `to` slots ago, both included; 0 is the present slot. */
  sum(column: number, from: number, to: number, now: number): number {
    let sum = 0;
    for (let ago = to; ago <= from; ago += 1) sum += this.at(column, ago, now);
    return sum;
  }

  /** What a column holds of the slot that was so many slots ago. */
  at(column: number, ago: number, now: number): number {
    const row = this.#rowOf(ago, now);
    return row < 0 ? 0 : (this.#values[row * this.columns + column] ?? 0);
  }

  /** A column, slot by slot, the oldest first. */
  series(column: number, now: number): number[] {
    const { slots } = this.shape;
    return Array.from({ length: slots }, (_, index) => this.at(column, slots - 1 - index, now));
  }

  /** Where that slot is kept; below 0 where nothing was added in it. */
  #rowOf(ago: number, now: number): number {
    const time = Math.floor(now / this.shape.slotMs) - ago;
    if (time < 0 || ago >= this.shape.slots) return -1;
    const row = time % this.shape.slots;
    return this.#times[row] === time ? row : -1;
  }

  #begin(row: number, time: number): void {
    this.#times[row] = time;
    this.#values.fill(0, row * this.columns, (row + 1) * this.columns);
  }
}
