import { describe, expect, it } from "vitest";
import { Firings } from "../../../scripts/incidents/firings.ts";

const slow = (backend: string) => ({ alertname: "Slow", backend });

describe("what fires", () => {
  it("is remembered from when it began to when it ended, and a second time as another", () => {
    const firings = new Firings();
    const looks = [
      [],
      [slow("a")],
      [{ backend: "a", alertname: "Slow" }, slow("b")],
      [slow("b")],
      [slow("a")],
    ];
    for (const [at, look] of looks.entries()) firings.note(look, at);
    expect(firings.all).toEqual([
      { alert: "Slow", labels: slow("a"), since: 1, until: 3 },
      { alert: "Slow", labels: slow("b"), since: 2, until: 4 },
      { alert: "Slow", labels: slow("a"), since: 4, until: undefined },
    ]);
  });
});
