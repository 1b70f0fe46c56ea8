import { describe, expect, it } from "vitest";
import { SharedPages } from "../../../src/console/shared-pages.ts";
import { handClock } from "../../support/console-facts.ts";

function counting() {
  const clock = handClock();
  const pages = new SharedPages(clock);
  let made = 0;
  const ask = (address: string) => pages.get(address, async () => `${address} ${(made += 1)}`);
  return { clock, pages, ask };
}

describe("a page that many look at", () => {
  it("is made once for all who ask at a time, and anew a moment later", async () => {
    const { clock, ask } = counting();
    const shown = await Promise.all(Array.from({ length: 1_000 }, () => ask("/console")));
    expect(new Set(shown)).toEqual(new Set(["/console 1"]));
    clock.pass(249);
    expect(await ask("/console")).toBe("/console 1");
    clock.pass(1);
    expect(await ask("/console")).toBe("/console 2");
  });

  it("is another for another address", async () => {
    const { ask } = counting();
    expect(await ask("/console?all=yes")).toBe("/console?all=yes 1");
    expect(await ask("/console")).toBe("/console 2");
  });

  it("is kept of few addresses, whatever is asked for", async () => {
    const { ask } = counting();
    expect(await ask("/console")).toBe("/console 1");
    for (let index = 0; index < 16; index += 1) await ask(`/console?id=${index}`);
    expect(await ask("/console")).toBe("/console 18");
  });

  it("is asked for again where it could not be made", async () => {
    const { pages, ask } = counting();
    const failing = async (): Promise<string> => {
      throw new Error("no facts");
    };
    await expect(pages.get("/console", failing)).rejects.toThrow("no facts");
    expect(await ask("/console")).toBe("/console 1");
  });
});
