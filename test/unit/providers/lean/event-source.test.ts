import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventSource } from "../../../../src/providers/lean/event-source.ts";
import type { EventMessage } from "../../../../src/providers/lean/event-stream.ts";
import type { Flow } from "../../../../src/providers/lean/exchange.ts";
import { eventFrame } from "../../../../src/simulators/event-stream.ts";

class Told extends Error {}

const numberIn = ({ payload }: EventMessage): number | undefined => {
  const { n } = JSON.parse(payload.toString()) as { n: number };
  if (n === 666) throw new Error("Not to be read");
  return n < 0 ? undefined : n;
};

/** An answer that gives its chunks as it is let, as a connection does: at once when it is resumed. */
class Script implements Flow {
  readonly source = new EventSource(this, {
    read: numberIn,
    translate: (error) => new Told("Told", { cause: error }),
  });
  aborted: unknown;
  given = 0;
  readonly #chunks: Buffer[];
  #paused = false;

  constructor(chunks: readonly Buffer[]) {
    this.#chunks = [...chunks];
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.play();
  }

  abort(reason: unknown): void {
    this.aborted = reason;
    this.#chunks.length = 0;
    this.source.fail(reason);
  }

  play(): void {
    while (!this.#paused && this.aborted === undefined) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) return this.source.end();
      this.given += 1;
      this.source.data(chunk);
    }
  }
}

const frames = (numbers: readonly number[]): Buffer[] => numbers.map((n) => eventFrame("e", { n }));

async function readAll(
  source: AsyncIterable<number>,
): Promise<{ given: number[]; failure: unknown }> {
  const given: number[] = [];
  try {
    for await (const each of source) given.push(each);
    return { given, failure: undefined };
  } catch (failure) {
    return { given, failure };
  }
}

describe("the events of a stream", () => {
  it("are waited for by the wire where they are large, until the reader has taken them", async () => {
    const long = eventFrame("e", { n: 1, text: "x".repeat(300_000) });
    const script = new Script(Array.from({ length: 40 }, () => long));
    script.play();
    expect(script.given).toBe(4);
    const { given, failure } = await readAll(script.source);
    expect([given.length, failure, script.given]).toEqual([40, undefined, 40]);
  });

  it("are all given in their order, however the wire and the reader take turns", async () => {
    const numbers = fc.array(fc.integer({ min: -5, max: 500 }), { maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(numbers, fc.integer({ min: 1, max: 90 }), async (given, step) => {
        const all = frames(given);
        const chunks = Array.from({ length: Math.ceil(all.length / step) }, (_, index) =>
          Buffer.concat(all.slice(index * step, (index + 1) * step)),
        );
        const script = new Script(chunks);
        const read = readAll(script.source);
        script.play();
        expect(await read).toEqual({ given: given.filter((n) => n >= 0), failure: undefined });
      }),
    );
  });

  it("are held back once many wait for their reader", async () => {
    const script = new Script(frames(Array.from({ length: 600 }, (_, index) => index)));
    script.play();
    expect(script.given).toBeLessThan(100);
    expect((await readAll(script.source)).given).toHaveLength(600);
    expect(script.given).toBe(600);
  });

  it("before a failure are given, and then it is told, once", async () => {
    const script = new Script([]);
    script.source.data(Buffer.concat(frames([1, 2])));
    script.source.fail(new Error("Cut"));
    const { given, failure } = await readAll(script.source);
    expect(given).toEqual([1, 2]);
    expect(failure).toMatchObject({ message: "Told", cause: { message: "Cut" } });
    expect(await script.source.next()).toEqual({ done: true, value: undefined });
  });

  it("end at one that stands for a failure, and what follows is left", async () => {
    const script = new Script([]);
    script.source.data(Buffer.concat(frames([1, 666, 2])));
    const { given, failure } = await readAll(script.source);
    expect(given).toEqual([1]);
    expect(failure).toBeInstanceOf(Told);
    expect(script.aborted).toBeInstanceOf(Error);
    expect(await script.source.next()).toEqual({ done: true, value: undefined });
  });

  it("that are waited for end with the reason for which the stream is closed", async () => {
    const script = new Script([]);
    const waiting = expect(script.source.next()).rejects.toMatchObject({ cause: "gone" });
    script.source.close("gone");
    await waiting;
    expect(script.aborted).toBe("gone");
  });

  it("whose stream has ended are not aborted when it is closed", () => {
    const script = new Script(frames([1]));
    script.play();
    script.source.close("gone");
    expect(script.aborted).toBeUndefined();
  });

  it("cannot end within a message", () => {
    const { source } = new Script([]);
    source.data(frames([1])[0]?.subarray(0, 20) ?? Buffer.alloc(0));
    expect(() => source.end()).toThrow("within a message");
  });
});
