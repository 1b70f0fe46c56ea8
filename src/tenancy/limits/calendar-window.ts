import type { BudgetEntry } from "../../table/index.ts";

export interface CalendarWindow {
  /** Milliseconds since the epoch; `endsAt` is the beginning of the next one. */
  startsAt: number;
  endsAt: number;
}

const hourMs = 3_600_000;

/**
 * The window of a calendar that an instant lies in, by the clocks of a time zone: a day may have 23 or
 * 25 hours, and an hour that the clocks show twice is two windows.
 *
 * @param now milliseconds since the epoch
 * @throws RangeError where the runtime knows no such zone
 */
export function calendarWindow(
  window: BudgetEntry["window"],
  timeZone: string,
  now: number,
): CalendarWindow {
  const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(now)).toZonedDateTimeISO(
    timeZone,
  );
  if (window === "Hour") return hourOf(local, now);
  const first = window === "Day" ? local : local.with({ day: 1 });
  const next = first.add(window === "Day" ? { days: 1 } : { months: 1 });
  return {
    startsAt: first.startOfDay().epochMilliseconds,
    endsAt: next.startOfDay().epochMilliseconds,
  };
}

/** From one full hour on the clock to the next, or to where the clock is put on or back within it. */
function hourOf(local: Temporal.ZonedDateTime, now: number): CalendarWindow {
  const offsetMs = local.offsetNanoseconds / 1e6;
  const startsAt = Math.floor((now + offsetMs) / hourMs) * hourMs - offsetMs;
  // "previous" leaves out a change at this very instant.
  const justAfter = local.add({ milliseconds: 1 });
  const before = justAfter.getTimeZoneTransition("previous")?.epochMilliseconds ?? -Infinity;
  const after = local.getTimeZoneTransition("next")?.epochMilliseconds ?? Infinity;
  return { startsAt: Math.max(startsAt, before), endsAt: Math.min(startsAt + hourMs, after) };
}

/** Remembers the current windows: the calendar is asked once in each. */
export class WindowCalendar {
  readonly #current = new Map<string, CalendarWindow>();

  at({ window, timeZone }: Pick<BudgetEntry, "window" | "timeZone">, now: number): CalendarWindow {
    const key = `${window} ${timeZone}`;
    const known = this.#current.get(key);
    if (known !== undefined && known.startsAt <= now && now < known.endsAt) return known;
    const found = calendarWindow(window, timeZone, now);
    this.#current.set(key, found);
    return found;
  }
}
