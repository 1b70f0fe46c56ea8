import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/lib/index.ts";
import { drawShadow } from "../../../../src/router/shadow/shadow-draw.ts";
import { Shadows } from "../../../../src/router/shadow/shadows.ts";
import { Transcript } from "../../../../src/router/shadow/transcript.ts";
import { answerFrames, reply } from "../../../support/router-parts.ts";
import { backendEntry, routeEntry } from "../../routing/sample-entries.ts";

const shadowed = (shadowPercent: number) =>
  routeEntry([backendEntry("a"), backendEntry("b")], {
    arms: { shadowPercent, controlPercent: 0 },
  });

const arriving = (bytesIn: number) => ({ route: shadowed(100), bytesIn });

describe("the draw of a request for a shadow", () => {
  it.each([1, 2, 10, 50])("takes %d %% of the requests, within what chance allows", (percent) => {
    const random = seededRandom(percent);
    const requests = 20_000;
    const route = shadowed(percent);
    let drawn = 0;
    for (let index = 0; index < requests; index += 1) {
      if (drawShadow(route, random) !== undefined) drawn += 1;
    }
    const share = percent / 100;
    const deviation = Math.sqrt(requests * share * (1 - share));
    expect(Math.abs(drawn - requests * share)).toBeLessThan(4 * deviation);
  });

  it("leaves an even chance for the drawing of a candidate", () => {
    const random = seededRandom(7);
    const route = shadowed(5);
    const left = Array.from({ length: 40_000 }, () => drawShadow(route, random)).filter(
      (which) => which !== undefined,
    );
    const thirds = [0, 1, 2].map(
      (third) => left.filter((which) => Math.floor(which * 3) === third).length,
    );
    for (const count of thirds) {
      expect(Math.abs(count - left.length / 3)).toBeLessThan(4 * Math.sqrt((left.length * 2) / 9));
    }
  });

  it.each([
    ["has no arms", routeEntry([backendEntry("a")])],
    ["wants no shadows", shadowed(0)],
    ["is of embeddings", { ...shadowed(100), type: "Embeddings" as const }],
  ])("costs nothing where the route %s", (_what, route) => {
    const never = () => {
      throw new Error("A number was drawn");
    };
    expect(drawShadow(route, never)).toBeUndefined();
  });
});

describe("what is kept for a shadow", () => {
  it("is the whole answer, from frames or at once", () => {
    const streamed = new Transcript(() => true);
    for (const frame of answerFrames) streamed.add(frame);
    expect(streamed.reply).toEqual(reply());
    const whole = new Transcript(() => true);
    whole.keep(reply({ text: "All" }));
    expect(whole.reply?.text).toBe("All");
  });

  it("is nothing of an answer that did not come to its end", () => {
    const transcript = new Transcript(() => true);
    transcript.add({ type: "text", text: "Hel" });
    expect(transcript.reply).toBeUndefined();
    expect(transcript.spoilt).toBe(false);
  });

  it("is nothing of an answer that is longer than one may be", () => {
    const shadows = new Shadows({ mostBytesEach: 100 });
    const transcript = shadows.draw(arriving(50), () => 0)?.transcript();
    transcript?.add({ type: "text", text: "x".repeat(51) });
    for (const frame of answerFrames) transcript?.add(frame);
    expect(transcript?.spoilt).toBe(true);
    expect(transcript?.reply).toBeUndefined();
  });

  it("is bounded over all that are drawn, and let go with each of them", () => {
    const shadows = new Shadows({ mostBytes: 1_000, mostBytesEach: 600 });
    const [one, other] = [
      shadows.draw(arriving(400), () => 0),
      shadows.draw(arriving(400), () => 0),
    ];
    expect(shadows.heldBytes).toBe(800);
    expect(one?.take(150)).toBe(true);
    expect(other?.take(150)).toBe(false);
    one?.letGo();
    one?.letGo();
    other?.letGo();
    expect(shadows.heldBytes).toBe(0);
  });
});
