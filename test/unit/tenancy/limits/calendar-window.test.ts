import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calendarWindow } from "../../../../src/tenancy/limits/calendar-window.ts";

// Clocks that change by an hour or by half of one, at midnight too; offsets of quarters; a day left out.
const zones = [
  "UTC",
  "Europe/Zurich",
  "America/New_York",
  "America/Santiago",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Africa/Cairo",
  "America/Havana",
];
const windows = ["Hour", "Day", "Month"] as const;
const instant = fc.integer({
  min: Date.parse("2010-01-01T00:00:00Z"),
  max: Date.parse("2040-01-01T00:00:00Z"),
});

/** What the zone's clocks and calendar show, by the other library that knows. */
function shown(at: number, timeZone: string, window: (typeof windows)[number]): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    ...(window === "Month" ? {} : { day: "2-digit" }),
    ...(window === "Hour" ? { hour: "2-digit", timeZoneName: "longOffset" } : {}),
  });
  return parts.format(at);
}

describe("a calendar window", () => {
  test("is all of the time for which the zone's calendar shows the same, and no more", () => {
    fc.assert(
      fc.property(
        instant,
        fc.constantFrom(...zones),
        fc.constantFrom(...windows),
        (now, timeZone, window) => {
          const { startsAt, endsAt } = calendarWindow(window, timeZone, now);
          expect(startsAt).toBeLessThanOrEqual(now);
          expect(endsAt).toBeGreaterThan(now);
          const here = shown(now, timeZone, window);
          expect(shown(startsAt, timeZone, window)).toBe(here);
          expect(shown(endsAt - 1, timeZone, window)).toBe(here);
          expect(shown(startsAt - 1, timeZone, window)).not.toBe(here);
          expect(shown(endsAt, timeZone, window)).not.toBe(here);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("is followed by the next without a gap", () => {
    fc.assert(
      fc.property(
        instant,
        fc.constantFrom(...zones),
        fc.constantFrom(...windows),
        (now, timeZone, window) => {
          const here = calendarWindow(window, timeZone, now);
          expect(calendarWindow(window, timeZone, here.startsAt)).toEqual(here);
          expect(calendarWindow(window, timeZone, here.endsAt - 1)).toEqual(here);
          expect(calendarWindow(window, timeZone, here.endsAt).startsAt).toBe(here.endsAt);
          expect(calendarWindow(window, timeZone, here.startsAt - 1).endsAt).toBe(here.startsAt);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  const hours = 3_600_000;
  test.each([
    ["a day of 23 hours", "Day", "Europe/Zurich", "2027-03-28T12:00:00Z", 23 * hours],
    ["a day of 25 hours", "Day", "Europe/Zurich", "2027-10-31T12:00:00Z", 25 * hours],
    [
      "the first of two hours that look alike",
      "Hour",
      "Europe/Zurich",
      "2027-10-31T00:30:00Z",
      hours,
    ],
    ["the second of them", "Hour", "Europe/Zurich", "2027-10-31T01:30:00Z", hours],
    [
      "half an hour at the end of summer",
      "Hour",
      "Australia/Lord_Howe",
      "2027-04-03T15:10:00Z",
      hours / 2,
    ],
    [
      "a month with a change of clocks",
      "Month",
      "America/New_York",
      "2027-03-10T00:00:00Z",
      31 * 24 * hours - hours,
    ],
  ] as const)("is %s", (_, window, timeZone, now, length) => {
    const { startsAt, endsAt } = calendarWindow(window, timeZone, Date.parse(now));
    expect(endsAt - startsAt).toBe(length);
  });
});
