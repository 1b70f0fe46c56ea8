import { describe, expect, test } from "vitest";
import type { EventNews } from "../../../src/kube/index.ts";
import { eachOf } from "../../../src/operator/each-of.ts";
import { NewsDesk } from "../../../src/operator/news-desk.ts";

/** Work that says how much of it was under way at once, and ends in a later turn. */
function counted() {
  const seen = { most: 0, done: 0, underWay: 0 };
  const work = async (): Promise<void> => {
    seen.underWay += 1;
    seen.most = Math.max(seen.most, seen.underWay);
    await new Promise(setImmediate);
    seen.underWay -= 1;
    seen.done += 1;
  };
  return { seen, work };
}

describe("work on many items", () => {
  test("goes on for so many at once, until all are done", async () => {
    const { seen, work } = counted();
    await eachOf([1, 2, 3, 4, 5, 6, 7], 3, work);
    expect(seen).toEqual({ most: 3, done: 7, underWay: 0 });
  });

  test("begins no more after a failure, and waits for what runs", async () => {
    const { seen, work } = counted();
    const failing = async (item: number) => {
      if (item === 2) throw new Error("The second");
      await work();
    };
    await expect(eachOf([1, 2, 3, 4, 5, 6], 2, failing)).rejects.toThrow("The second");
    expect(seen.underWay).toBe(0);
    expect(seen.done).toBeLessThan(5);
  });
});

const news = { type: "Normal", reason: "Ready", action: "Serving", note: "" } as EventNews;

describe("the news desk", () => {
  test("writes all that it is told, a few at once", async () => {
    const { seen, work } = counted();
    const desk = new NewsDesk(work);
    for (let index = 0; index < 50; index += 1) desk.tell(news);
    while (seen.done < 50) await new Promise(setImmediate);
    expect(seen).toEqual({ most: 4, done: 50, underWay: 0 });
  });

  test("drops what waits once it is closed, and takes no more", async () => {
    const { seen, work } = counted();
    const desk = new NewsDesk(work);
    for (let index = 0; index < 50; index += 1) desk.tell(news);
    desk.close();
    desk.tell(news);
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    expect(seen.done).toBe(4);
  });
});
