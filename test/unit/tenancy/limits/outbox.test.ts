import { describe, expect, test, vi } from "vitest";
import { settledMs } from "../../../../src/tenancy/limits/limit-store.ts";
import { Outbox } from "../../../../src/tenancy/limits/redis/outbox.ts";

/** A store that answers when the test says so, and a clock that the test sets. */
function posted(most?: number) {
  const state = { open: true, failing: false, refused: false, elapsed: 0 };
  const arrived: string[] = [];
  const lost: string[] = [];
  const outbox = new Outbox({
    clock: { now: () => 0, elapsed: () => state.elapsed },
    isOpen: () => state.open,
    onLoss: (reason) => lost.push(reason),
    onFailure: async () => {
      state.open = state.refused;
      return state.refused;
    },
    ...(most === undefined ? {} : { most }),
  });
  const add = (name: string) =>
    outbox.add({
      tenant: "default/shop",
      send: async () => {
        if (state.failing) throw new Error("The store is away");
        arrived.push(name);
      },
    });
  return { state, arrived, lost, outbox, add };
}

const settled = () => vi.waitFor(() => undefined);

describe("an outbox", () => {
  test("sends at once, and is empty then", async () => {
    const { add, arrived, outbox } = posted();
    add("a");
    add("b");
    await outbox.flush(1_000);
    expect(arrived).toEqual(["a", "b"]);
    expect(outbox.size).toBe(0);
  });

  test("keeps what did not arrive until the store is back", async () => {
    const { add, arrived, outbox, state, lost } = posted();
    state.failing = true;
    add("a");
    await settled();
    add("b");
    expect([outbox.size, arrived]).toEqual([2, []]);
    Object.assign(state, { failing: false, open: true });
    await outbox.flush(1_000);
    expect(new Set(arrived)).toEqual(new Set(["a", "b"]));
    expect(lost).toEqual([]);
  });

  test("sends once more what a store refused that came back at that moment", async () => {
    const { add, arrived, state, lost } = posted();
    Object.assign(state, { failing: true, refused: true });
    add("a");
    state.failing = false;
    await vi.waitFor(() => expect(arrived).toEqual(["a"]));
    expect(lost).toEqual([]);
  });

  test("gives up what the store refuses again, and goes on", async () => {
    const { add, arrived, outbox, state, lost } = posted();
    Object.assign(state, { failing: true, refused: true });
    add("a");
    await vi.waitFor(() => expect(lost).toEqual(["refused"]));
    state.failing = false;
    add("b");
    await outbox.flush(1_000);
    expect(arrived).toEqual(["b"]);
    expect(lost).toEqual(["refused"]);
  });

  test("gives up what may have arrived so long ago that it could count twice, and nothing else", async () => {
    const { add, arrived, outbox, state, lost } = posted();
    state.failing = true;
    add("sent before");
    await settled();
    add("never sent");
    Object.assign(state, { failing: false, open: true, elapsed: settledMs });
    await outbox.flush(1_000);
    expect(arrived).toEqual(["never sent"]);
    expect(lost).toEqual(["unsure"]);
  });

  test("holds so many and no more", async () => {
    const { add, outbox, state, lost } = posted(2);
    state.open = false;
    for (const name of ["a", "b", "c"]) add(name);
    expect([outbox.size, lost]).toEqual([2, ["full"]]);
  });

  test("waits for its end no longer than it is told to", async () => {
    const { add, outbox, state } = posted();
    state.open = false;
    add("a");
    await outbox.flush(5);
    expect(outbox.size).toBe(1);
  });
});
