import { describe, expect, it, vi } from "vitest";
import { ProviderError, type ProviderErrorCode } from "../../../src/providers/index.ts";
import { answer, ChainFailed } from "../../../src/router/answer-stage.ts";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { BackendHealth } from "../../../src/routing/index.ts";
import type { BackendEntry } from "../../../src/table/index.ts";
import { frames, reply, type Script } from "../../support/router-parts.ts";
import {
  backendEntry,
  eject,
  standingClock,
  tenantEntry,
  watchful,
} from "../routing/sample-entries.ts";
import { stage, type Staged } from "./stage.ts";

const answers: Script = { chat: () => reply(), stream: () => frames() };
const fails = (code: ProviderErrorCode): Script => {
  const throwIt = (): never => {
    throw new ProviderError(code, "By order");
  };
  return { chat: throwIt, stream: throwIt };
};

/** A request over backends of which some are ejected before it comes. */
function stageWith(
  scripts: Record<string, Script>,
  ejected: readonly string[],
  more: Parameters<typeof stage>[1] = {},
) {
  const clock = standingClock();
  const health = new BackendHealth(clock, () => 0);
  for (const name of ejected) {
    eject(backendEntry(name), health);
    clock.advance(1);
  }
  const staged = stage(scripts, { backend: { outlier: watchful }, parts: { health }, ...more });
  return { ...staged, clock, health };
}

const told = ({ routed }: Pick<Staged, "routed">): string[] =>
  routed.attempts.map(
    ({ backend, kind, error }) => `${kind} ${backend.name} ${error?.code ?? "ok"}`,
  );

const ends = async ({ routed, parts }: Staged): Promise<unknown> =>
  answer(routed, parts).catch((error: unknown) => error);

describe("an ejected candidate", () => {
  it("costs a request no attempt", async () => {
    const staged = stageWith({ a: fails("throttled"), b: answers }, ["a"]);
    await ends(staged);
    expect(told(staged)).toEqual(["first b ok"]);
    expect(staged.routed.choice.considered[0]).toMatchObject({
      backend: { name: "a" },
      dropped: { limit: "ejected", message: "a is ejected for now: consecutive_failures" },
    });
  });

  it("is tried where nobody else is left, once", async () => {
    const staged = stageWith({ a: fails("unavailable"), b: fails("timeout") }, ["a"]);
    expect(await ends(staged)).toBeInstanceOf(ChainFailed);
    expect(told(staged)).toEqual(["first b timeout", "fallback a unavailable"]);
  });

  it("is tried where all are ejected, the one that was left alone longest, and no other", async () => {
    const staged = stageWith({ a: fails("unavailable"), b: fails("timeout") }, ["b", "a"]);
    expect(await ends(staged)).toBeInstanceOf(ChainFailed);
    expect(told(staged)).toEqual(["first b timeout"]);
  });

  it("answers, and is back after three times", async () => {
    const { health, parts, routed } = stageWith({ a: answers }, ["a"]);
    const { attempts: _, ...request } = routed;
    for (let index = 0; index < 3; index += 1) {
      expect(health.describe("a").state).not.toBe("closed");
      await answer({ ...request, attempts: [] }, parts);
    }
    expect(health.describe("a").state).toBe("closed");
  });

  it("is not tried where the tenant may not use it", async () => {
    const staged = stageWith({ a: answers, b: fails("timeout") }, ["a"]);
    const tenant = tenantEntry({ allowedBackends: ["b"] });
    expect(await ends({ ...staged, routed: { ...staged.routed, tenant } })).toBeInstanceOf(
      ChainFailed,
    );
  });

  it("is left out even if it was ejected after the choice", async () => {
    const staged = stageWith({ a: answers, b: answers }, []);
    eject(backendEntry("a"), staged.health);
    await ends(staged);
    expect(told(staged)).toEqual(["first b ok"]);
  });
});

describe("a retry", () => {
  it("is made elsewhere where its backend was ejected while it waited", async () => {
    const staged = stageWith({ a: fails("unavailable"), b: answers }, []);
    const ended = ends(staged);
    await vi.waitFor(() => expect(told(staged)).toEqual(["first a unavailable"]));
    eject(backendEntry("a"), staged.health);
    await ended;
    expect(told(staged)).toEqual(["first a unavailable", "fallback b ok"]);
  });
});

describe("a failure that ejects", () => {
  it("is not retried while another candidate stands by", async () => {
    const once: BackendEntry["outlier"] = { ...watchful, consecutiveFailures: 1 };
    const staged = stageWith({ a: fails("unavailable"), b: answers }, [], {
      backend: { outlier: once },
    });
    await ends(staged);
    expect(told(staged)).toEqual(["first a unavailable", "fallback b ok"]);
  });

  it("is what counts against the backend alone", async () => {
    for (const code of ["invalid_request", "context_overflow", "model_refused"] as const) {
      const staged = stageWith({ a: fails(code) }, []);
      for (let index = 0; index < 20; index += 1) {
        await answer({ ...staged.routed, attempts: [] }, staged.parts).catch(() => undefined);
      }
      expect([code, staged.health.describe("a")]).toMatchObject([code, { state: "closed" }]);
    }
  });

  it("is no handful of answers without content, which any tenant can ask for", async () => {
    const staged = stageWith({ a: fails("empty_reply") }, []);
    const ask = async () =>
      answer({ ...staged.routed, attempts: [] }, staged.parts).catch(() => undefined);
    for (let index = 0; index < 9; index += 1) await ask();
    expect(staged.health.describe("a")).toMatchObject({ failuresInRow: 0, errorShare: 1 });
    expect(staged.health.describe("a").state).toBe("closed");
    await ask();
    expect(staged.health.describe("a")).toMatchObject({ state: "open", reason: "error_share" });
  });

  it("is no client that left", async () => {
    const waits: Script = { chat: async () => new Promise<never>(() => undefined) };
    const staged = stageWith({ a: waits }, []);
    const left = Array.from({ length: 20 }, async () => {
      await answer({ ...staged.routed, attempts: [] }, staged.parts).catch(() => undefined);
    });
    staged.gone.abort(new ClientGone());
    await Promise.all(left);
    expect(staged.health.describe("a")).toMatchObject({ state: "closed", failuresInRow: 0 });
  });
});
