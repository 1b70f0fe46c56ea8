import { describe, expect, test } from "vitest";

import { FaultBook, type FaultTarget } from "../../../src/simulators/faults/fault-book.ts";
import type { Fault } from "../../../src/simulators/faults/fault.ts";

const chatStream: FaultTarget = { names: ["us.m", "m"], stream: true, chat: true };
const wholeChat: FaultTarget = { ...chatStream, stream: false };
const embedding: FaultTarget = { names: ["e"], stream: false, chat: false };

function draws(fault: Fault, times: number, seed = 1): boolean[] {
  const book = new FaultBook(seed);
  book.set(fault);
  return Array.from({ length: times }, () => book.draw(chatStream) !== undefined);
}

const share = (fault: Fault, seed: number) => draws(fault, 4000, seed).filter(Boolean).length / 40;

describe("a share", () => {
  test.each([5, 30, 80])("of %i per cent falls on about that many calls", (percent) => {
    expect(Math.abs(share({ model: "*", kind: "cut", share: percent }, 3) - percent)).toBeLessThan(
      2.5,
    );
  });

  test("of none or all falls on none or all", () => {
    expect(share({ model: "*", kind: "cut", share: 0 }, 1)).toBe(0);
    expect(share({ model: "*", kind: "cut" }, 1)).toBe(100);
  });

  test("falls on the same calls for the same seed, on others for another", () => {
    const fault: Fault = { model: "*", kind: "cut", share: 50 };
    expect(draws(fault, 64, 1)).toEqual(draws(fault, 64, 1));
    expect(draws(fault, 64, 1)).not.toEqual(draws(fault, 64, 2));
  });

  test("with a count stops when that many have met it", () => {
    expect(
      draws({ model: "*", kind: "cut", share: 50, count: 3 }, 200).filter(Boolean),
    ).toHaveLength(3);
  });
});

describe("who meets a fault", () => {
  test.each<[string, Fault, FaultTarget, boolean]>([
    ["everyone for a star", { model: "*", kind: "throttling" }, embedding, true],
    ["the name that was sent", { model: "us.m", kind: "throttling" }, chatStream, true],
    ["the catalogue's id", { model: "m", kind: "throttling" }, chatStream, true],
    ["no other", { model: "n", kind: "throttling" }, chatStream, false],
    ["streams alone, for a fault of streams", { model: "*", kind: "bad-crc" }, wholeChat, false],
    ["streams, for a fault of streams", { model: "*", kind: "bad-crc" }, chatStream, true],
    ["whole answers too, for a cut", { model: "*", kind: "cut" }, wholeChat, true],
    [
      "no embedding, for a fault of what is said",
      { model: "*", kind: "empty-content" },
      embedding,
      false,
    ],
    [
      "a whole chat, for a fault of what is said",
      { model: "*", kind: "stop-reason" },
      wholeChat,
      true,
    ],
  ])("%s", (_what, fault, target, meets) => {
    const book = new FaultBook(1);
    book.set(fault);
    expect(book.draw(target) !== undefined).toBe(meets);
    expect(book.list()[0]?.applied).toBe(Number(meets));
  });

  test("the first set fault goes first, the next when it is used up", () => {
    const book = new FaultBook(1);
    book.set({ model: "m", kind: "stall", count: 1 });
    book.set({ model: "*", kind: "cut" });
    expect([book.draw(chatStream)?.kind, book.draw(chatStream)?.kind]).toEqual(["stall", "cut"]);
  });
});

test("a wrong fault is refused with a sentence, and what is listed cannot be changed from outside", () => {
  const book = new FaultBook(1);
  expect(() => book.set({ model: "*", kind: "cut", share: -1 })).toThrow(
    '"share" must be a number from 0 to 100.',
  );
  const { id } = book.set({ model: "*", kind: "cut" });
  for (const listed of book.list()) listed.applied = 99;
  expect(book.list()).toEqual([{ model: "*", kind: "cut", id, applied: 0 }]);
  expect([book.clear("nothing"), book.clear(id), book.clear()]).toEqual([0, 1, 0]);
});
