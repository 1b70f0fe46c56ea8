/** `2 routes`, `1 route`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

const mostNames = 3;

/** `a, b, c and 4 more`. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(", ");
  const rest = names.length - mostNames;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** `12 %`, `0.4 %`; what is not quite all is never said to be. */
export function percent(share: number): string {
  const value = share * 100;
  if (value < 100 && value >= 99.5) return `${Math.min(99.9, value).toFixed(1)} %`;
  const digits = value !== 0 && Math.abs(value) < 10 ? 1 : 0;
  return `${value.toFixed(digits).replace(/\.0$/, "")} %`;
}

const steps = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
  { unit: "s", ms: 1_000 },
] as const;

/** `3 min`, `12 s`: the largest unit alone. */
export function lasting(ms: number): string {
  const step = steps.find((each) => ms >= each.ms) ?? { unit: "s", ms: 1_000 };
  return `${Math.floor(ms / step.ms)} ${step.unit}`;
}

/** `the last minute`, `the last 5 min`. */
export const theLast = (ms: number): string =>
  lasting(ms) === "1 min" ? "the last minute" : `the last ${lasting(ms)}`;

/** `840 ms`, `4.1 s`. */
export function millis(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** `$12.30`, `$0.000031`: two digits that say something at least. */
export function dollars(usd: number): string {
  if (usd === 0) return "$0";
  const sign = usd < 0 ? "−" : "";
  const size = Math.abs(usd);
  if (size >= 1) return `${sign}$${size.toFixed(2)}`;
  return `${sign}$${size.toFixed(Math.min(8, 1 - Math.floor(Math.log10(size))))}`;
}

/** Codes as people read them: `consecutive failures`. */
export const inWords = (code: string): string => code.replaceAll("_", " ");

/** `budget_day_usd` is a day budget to people; other limits are called as they are. */
export function limitInWords(limit: string): string {
  const [, window, second] = /^budget_([a-z]+)_(?:usd|tokens)(_\d+)?$/.exec(limit) ?? [];
  if (window === undefined) return inWords(limit);
  return `${window} budget${second === undefined ? "" : ` ${second.slice(1)}`}`;
}

export const sentenceCase = (text: string): string =>
  text.slice(0, 1).toUpperCase() + text.slice(1);
