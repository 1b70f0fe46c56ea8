import { describe, expect, it, vi } from "vitest";
import { FilterShelf } from "../../../../src/router/index.ts";
import { routeEntry, tenantEntry } from "../../routing/sample-entries.ts";
import { filterEntry } from "./filtered-router.ts";

const words = (word: string) =>
  filterEntry({
    type: "WordList",
    wordList: { words: [word], ignoreCase: true, wholeWords: true },
  });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The machine may be busy with other tests. */
const patient = { timeout: 20_000 };

describe("a shelf of filters", () => {
  it("has nothing for a caller and a route without filters", () => {
    expect(new FilterShelf().armed(routeEntry([]), tenantEntry())).toBeUndefined();
  });

  it("makes one filter for all that look for the same, whatever they do about it", () => {
    const shelf = new FilterShelf();
    const one = routeEntry([], { safety: [words("acme")] });
    const other = routeEntry([], {
      safety: [{ ...words("acme"), name: "rivals", action: "Observe" }, words("wile")],
    });
    const [armed, others] = [shelf.armed(one, null), shelf.armed(other, null)];
    expect(others?.input[0]?.filter).toBe(armed?.input[0]?.filter);
    expect(shelf.size).toBe(2);
  });

  it("arms a route and a tenant once, and gives the same to every request", () => {
    const shelf = new FilterShelf();
    const route = routeEntry([], { safety: [words("acme")] });
    const tenant = tenantEntry({ safety: [words("wile")] });
    expect(shelf.armed(route, tenant)).toBe(shelf.armed(route, tenant));
    expect(shelf.armed(route, null)?.input).toHaveLength(1);
    expect(shelf.armed(route, tenant)?.input.map(({ owner }) => owner)).toEqual([
      "tenant",
      "route",
    ]);
  });

  const table = (list: readonly string[]) => ({
    routes: { a: routeEntry([], { safety: list.map(words) }) },
    tenants: { t: tenantEntry({ safety: [words("always")] }) },
  });

  it("makes a table's filters beside all else, and forgets those that it lost", async () => {
    const shelf = new FilterShelf();
    const many = Array.from({ length: 500 }, (_, index) => `word-${index}-`.repeat(20));
    shelf.adopt(table(many));
    expect(shelf.size).toBeLessThan(many.length);
    await vi.waitFor(() => expect(shelf.size).toBe(many.length + 1), patient);
    shelf.adopt(table(["two"]));
    await vi.waitFor(() => expect(shelf.size).toBe(2), patient);
  });

  it("makes no more of a table that another has followed", async () => {
    const shelf = new FilterShelf();
    const many = Array.from({ length: 500 }, (_, index) => `word-${index}-`.repeat(20));
    shelf.adopt(table(many));
    shelf.adopt({ routes: {}, tenants: {} });
    await vi.waitFor(() => expect(shelf.size).toBe(0), patient);
    await turn();
    expect(shelf.size).toBe(0);
  });
});
