import type { SeriesKey } from "../series.ts";
import type { Arithmetic } from "./arithmetic.ts";

/** What is known of one route, backend and tenant, window by window. */
export interface Piece<Value> {
  key: SeriesKey;
  windows: (Value | null)[];
}

/** More tenants of one route and backend than a report has room for. */
const mostTenants = 20;

/**
 * Of pieces apart by tenant: for each route and backend their sum, under no tenant, then those tenants that have
 * enough samples, the largest first. A window that comes to nothing is null.
 */
export function withLargeTenants<Value>(
  pieces: Iterable<Piece<Value>>,
  floor: number,
  arithmetic: Arithmetic<Value>,
): Piece<Value>[] {
  const places = Map.groupBy(pieces, ({ key }) => JSON.stringify([key.route, key.backend]));
  return [...places.entries()]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([, each]) => ofPlace(each, floor, arithmetic));
}

function ofPlace<Value>(
  pieces: readonly Piece<Value>[],
  floor: number,
  arithmetic: Arithmetic<Value>,
): Piece<Value>[] {
  const [first] = pieces;
  if (first === undefined) return [];
  const all: Piece<Value> = {
    key: { ...first.key, tenant: null },
    windows: first.windows.map((_, index) => {
      const values = pieces
        .map(({ windows }) => windows[index] ?? null)
        .filter((value) => value !== null);
      return values.reduce<Value | null>(
        (sum, value) => (sum === null ? value : arithmetic.add(sum, value)),
        null,
      );
    }),
  };
  const tenants = pieces
    .filter(({ key }) => key.tenant !== null)
    .map((piece) => ({ piece: filled(piece, arithmetic), mean: meanCount(piece, arithmetic) }))
    .filter(({ mean }) => mean >= floor && mean > 0)
    .toSorted((left, right) => right.mean - left.mean)
    .slice(0, mostTenants);
  const whole = filled(all, arithmetic);
  const isEmpty = whole.windows.every((value) => value === null);
  return isEmpty ? [] : [whole, ...tenants.map(({ piece }) => piece)];
}

const filled = <Value>({ key, windows }: Piece<Value>, { count }: Arithmetic<Value>) => ({
  key,
  windows: windows.map((value) => (value === null || count(value) <= 0 ? null : value)),
});

/** Over the windows that have any. */
function meanCount<Value>({ windows }: Piece<Value>, { count }: Arithmetic<Value>): number {
  const counts = windows.flatMap((value) => (value === null ? [] : count(value)));
  const some = counts.filter((each) => each > 0);
  return some.length === 0 ? 0 : some.reduce((sum, each) => sum + each, 0) / some.length;
}
