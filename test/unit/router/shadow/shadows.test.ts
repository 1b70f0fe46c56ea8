import { describe, expect, it } from "vitest";
import { ShutDown } from "../../../../src/router/client-gone.ts";
import type { DrawnShadow } from "../../../../src/router/shadow/shadow-draw.ts";
import { Shadows } from "../../../../src/router/shadow/shadows.ts";
import { backendEntry, routeEntry } from "../../routing/sample-entries.ts";

function drawFrom(shadows: Shadows): DrawnShadow {
  const route = routeEntry([backendEntry("a")], {
    arms: { shadowPercent: 100, controlPercent: 0 },
  });
  const drawn = shadows.draw({ route, bytesIn: 10 }, () => 0);
  if (drawn === undefined) throw new Error("Every request is drawn");
  return drawn;
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

describe("the shadows of a router", () => {
  it("are no more than so many at once", async () => {
    const shadows = new Shadows({ most: 2 });
    const { promise, resolve } = Promise.withResolvers<void>();
    shadows.begin(drawFrom(shadows), () => promise);
    expect(shadows.refusal()).toBeUndefined();
    shadows.begin(drawFrom(shadows), () => promise);
    expect(shadows.refusal()).toBe("too_many");
    resolve();
    await expect.poll(() => shadows.count).toBe(0);
    expect(shadows.refusal()).toBeUndefined();
    expect(shadows.heldBytes).toBe(0);
  });

  it("stand back while the router is busy", () => {
    const shadows = new Shadows();
    let busy = true;
    shadows.watchLoad(() => busy);
    expect(shadows.refusal()).toBe("router_busy");
    busy = false;
    expect(shadows.refusal()).toBeUndefined();
  });

  it("are cut off when the router stops, and none begins any more", async () => {
    const shadows = new Shadows();
    const reasons: unknown[] = [];
    shadows.begin(drawFrom(shadows), async (signal) => {
      await untilAborted(signal);
      reasons.push(signal.reason);
    });
    shadows.close();
    expect(shadows.refusal()).toBe("draining");
    expect(shadows.count).toBe(1);
    await shadows.stop();
    expect(reasons).toEqual([expect.any(ShutDown)]);
    expect(shadows.count).toBe(0);
  });

  it("keep no router from its end, even one that hears nothing", async () => {
    const shadows = new Shadows();
    shadows.begin(drawFrom(shadows), () => new Promise(() => undefined));
    await shadows.stop();
    expect(shadows.count).toBe(1);
  });
});
