import { describe, expect, it } from "vitest";
import { timeOf } from "../../../src/cli/time-range.ts";

const now = Date.parse("2027-03-04T12:00:00Z");

describe("a point in time on a command line", () => {
  it.each([
    ["90m", "2027-03-04T10:30:00.000Z"],
    ["24h", "2027-03-03T12:00:00.000Z"],
    ["7d", "2027-02-25T12:00:00.000Z"],
    ["2w", "2027-02-18T12:00:00.000Z"],
    ["2027-03-01", "2027-03-01T00:00:00.000Z"],
    ["2028-02-29", "2028-02-29T00:00:00.000Z"],
    ["2027-03-01T10:00Z", "2027-03-01T10:00:00.000Z"],
    ["2027-03-01T10:00:00.5+02:00", "2027-03-01T08:00:00.500Z"],
  ])("%s is %s", (text, time) => {
    expect(timeOf("since", text, now).toISOString()).toBe(time);
  });

  it.each([
    "",
    "0h",
    "24",
    "h",
    "-1h",
    "1.5h",
    "24H",
    "yesterday",
    "2027-02-30",
    "2027-13-01",
    "2027-3-4",
    "2027-03-04T05:06:07",
    "2027-03-04T25:00Z",
    "9999999d",
  ])("cannot be %j, and the flag is named", (text) => {
    expect(() => timeOf("since", text, now)).toThrow(/^--since must be .*24h.*2027-03-04/);
  });
});
