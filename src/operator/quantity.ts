const powersOfTen: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

const nano = 1_000_000_000n;
const shape = /^(?<whole>\d{0,40})\.?(?<part>\d{0,40})(?<suffix>[eE][+-]?\d{1,2}|\w{0,2})$/;

/**
 * The size of a Kubernetes quantity, such as `250m`, `1.5Gi` or `2e3`, in billionths, rounded up as
 * the API server rounds. Undefined where the text is none, or has a sign: resources have none.
 */
export function quantityNanos(text: string): bigint | undefined {
  const { whole = "", part = "", suffix = "" } = shape.exec(text)?.groups ?? {};
  const factor = factorOf(suffix);
  if (whole + part === "" || factor === undefined) return undefined;
  const dividend = BigInt(whole + part) * factor.times * nano;
  const divisor = 10n ** BigInt(part.length) * factor.over;
  return (dividend + divisor - 1n) / divisor;
}

function factorOf(suffix: string): { times: bigint; over: bigint } | undefined {
  const step = binary.indexOf(suffix) + 1;
  if (step > 0) return { times: 1024n ** BigInt(step), over: 1n };
  const power = /^[eE].+/.test(suffix) ? Number(suffix.slice(1)) : powersOfTen[suffix];
  if (power === undefined || Number.isNaN(power)) return undefined;
  return { times: 10n ** BigInt(Math.max(power, 0)), over: 10n ** BigInt(Math.max(-power, 0)) };
}
