import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { expect, it } from "vitest";
import { HeldBytes } from "../../../src/router/held-bytes.ts";
import { InFlight } from "../../../src/router/in-flight.ts";
import { LoadShedding } from "../../../src/router/load-shedding.ts";
import { settings } from "../../support/router-parts.ts";
import { standingClock } from "../routing/sample-entries.ts";

const request = () => new IncomingMessage(new Socket());

function open(heapShare = () => 0.5) {
  const clock = standingClock();
  const inFlight = new InFlight();
  const held = new HeldBytes();
  const bounds = { ...settings, maxRequests: 2, maxHeldBytes: 1_000 };
  const shedding = new LoadShedding({ settings: bounds, clock }, { inFlight, held }, heapShare);
  return { clock, inFlight, held, shedding };
}

it("a request is refused while as many as there may be are under way", () => {
  const { inFlight, shedding } = open();
  const leave = inFlight.enter(new ServerResponse(request()));
  inFlight.enter(new ServerResponse(request()));
  expect(shedding.reason(0)).toBe("requests");
  leave();
  expect(shedding.reason(0)).toBeUndefined();
});

it("a request is refused whose body would be too much with those that are held", () => {
  const { held, shedding } = open();
  const first = held.open();
  first.add(600);
  first.add(200);
  expect(held.total).toBe(800);
  expect(shedding.reason(200)).toBeUndefined();
  expect(shedding.reason(201)).toBe("bodies");
  first.release();
  // What comes in after the end is nobody's.
  first.add(500);
  first.release();
  expect(held.total).toBe(0);
  expect(shedding.reason(1_000)).toBeUndefined();
});

it("requests are refused while the heap is nearly full, which is looked at now and then only", () => {
  let share = 0.95;
  let looks = 0;
  const { clock, shedding } = open(() => {
    looks += 1;
    return share;
  });
  expect(shedding.reason(0)).toBe("heap");
  share = 0.5;
  clock.advance(99);
  expect(shedding.reason(0)).toBe("heap");
  expect(looks).toBe(1);
  clock.advance(1);
  expect(shedding.reason(0)).toBeUndefined();
  expect(looks).toBe(2);
});
