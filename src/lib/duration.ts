const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** What a duration string looks like in the kinds: a whole number and a unit, such as `800ms` or `8s`. */
const durationPattern = /^[0-9]{1,7}(ms|s|m|h)$/;

/**
 * Milliseconds of a duration string.
 *
 * @throws RangeError where the text is not of `durationPattern`; schemas have checked it before
 */
export function durationMs(text: string): number {
  const unit = durationPattern.exec(text)?.[1];
  const factor = unit === undefined ? undefined : unitMs[unit];
  if (unit === undefined || factor === undefined) {
    throw new RangeError(`"${text}" is not a duration such as 800ms, 8s, 5m or 1h`);
  }
  return Number(text.slice(0, -unit.length)) * factor;
}
