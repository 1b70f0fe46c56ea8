import { expect, test } from "vitest";

import { CallLog } from "../../../src/simulators/calls.ts";
import { newCall } from "./new-call.ts";

const { record } = newCall("amazon.nova-pro-v1:0", {});

test("a call that is under way changes in the log, but not by whoever has listed it", () => {
  const log = new CallLog();
  const open = log.open({ ...record });
  const [listed] = log.list();
  open.status = 200;
  if (listed !== undefined) listed.status = 500;
  expect(log.list()[0]?.status).toBe(200);
  log.clear();
  expect(log.list()).toEqual([]);
});

test("the log keeps the latest hundred thousand calls and drops the oldest", () => {
  const log = new CallLog();
  for (let time = 1; time <= 230_000; time += 1) log.open({ ...record, time });
  const listed = log.list();
  expect(listed).toHaveLength(100_000);
  expect([listed[0]?.time, listed.at(-1)?.time]).toEqual([130_001, 230_000]);
  expect(log.size).toBeLessThanOrEqual(110_000);
});
