import type * as HighsTypes from "highs";
import type { ShareSolver, SharesProblem } from "./share-handicaps.ts";

/** Times what any choice is worth: so dear is a row more than the limits allow that it comes to that only where nothing else is left. */
const overPrice = 10;

/** Its types are those of its CommonJS half, whose default export is a module; an import gives the function. */
type Loader = (typeof HighsTypes)["default"]["default"];

/** HiGHS, loaded where shares bind: WebAssembly of a few megabytes. */
export async function loadShareSolver(): Promise<ShareSolver> {
  const { default: loadHighs } = (await import("highs")) as unknown as { default: Loader };
  const highs = await loadHighs();
  const { maximize } = highs.constants.objectiveSense;
  return (problem) => {
    const program = programOf(problem, highs.infinity);
    return highs.withModel({ ...program, sense: maximize }, (model) => {
      model.options.set({ output_flag: false });
      model.run();
      const { rowDual } = model.getSolution();
      const rows = problem.values.length;
      return problem.limits.map((_, place) => Math.max(0, rowDual[rows + place] ?? 0));
    });
  };
}

/**
 * A column for each option of each row, and one for what each limit is exceeded by; a row for each row,
 * which sums to 1, then one for each limit.
 */
function programOf({ values, limits }: SharesProblem, infinity: number) {
  const colCost: number[] = [];
  let dearest = 1;
  const starts: number[] = [];
  const indices: number[] = [];
  const entries: number[] = [];
  for (const [row, options] of values.entries()) {
    for (const [option, value] of options.entries()) {
      if (value === -Infinity) continue;
      dearest = Math.max(dearest, Math.abs(value));
      colCost.push(value);
      starts.push(indices.length);
      indices.push(row, values.length + option);
      entries.push(1, 1);
    }
  }
  for (const option of limits.keys()) {
    colCost.push(-overPrice * dearest);
    starts.push(indices.length);
    indices.push(values.length + option);
    entries.push(-1);
  }
  starts.push(indices.length);
  const numCols = colCost.length;
  const numRows = values.length + limits.length;
  const rowUpper = [...values.map(() => 1), ...limits.map((limit) => limit * values.length)];
  return {
    numCols,
    numRows,
    colCost,
    colLower: new Float64Array(numCols),
    colUpper: new Float64Array(numCols).fill(infinity),
    rowLower: [...values.map(() => 1), ...limits.map(() => -infinity)],
    rowUpper,
    matrix: {
      format: "csc" as const,
      numCols,
      numRows,
      starts: Int32Array.from(starts),
      indices: Int32Array.from(indices),
      values: Float64Array.from(entries),
    },
  };
}
