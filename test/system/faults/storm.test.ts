import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inParallel } from "../../support/load-client.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { startLocal, type Local } from "../../support/start-local.ts";
import { documented } from "./documented.ts";
import { ask, type Seen } from "./seen.ts";

/** Requests of one storm, and how many of them are under way at a time. */
const requests = 60;
const width = 20;

let local: Local;

beforeAll(async () => {
  local = await startLocal({
    resources: [
      ...(["micro", "llama", "lite", "container", "pro", "haiku"] as const).map((each) =>
        backendOf(each),
      ),
      routeOf("whole", ["micro", "lite"]),
      routeOf("streamed", ["llama", "lite"]),
      routeOf("all-whole", ["container", "pro"]),
      routeOf("all-streamed", ["container", "pro"]),
    ],
  });
  for (const model of [models.micro, models.llama, models.container, models.pro]) {
    local.simulator.faults.set({ model, kind: "throttling", retryAfterSeconds: 3 });
  }
});

afterAll(async () => local.stop());

async function storm(model: string, streamed: boolean): Promise<Seen[]> {
  const seen: Seen[] = [];
  await inParallel(requests, width, async () => void seen.push(await ask(local, model, streamed)));
  return seen;
}

const callsOf = (model: keyof typeof models) =>
  local.simulator.calls().filter((call) => call.model === models[model]).length;

describe("a storm of 429", () => {
  it.each([
    ["whole", "micro", false],
    ["streamed", "llama", true],
  ] as const)(
    "of the first candidate reaches no client, and is not added to (%s)",
    async (route, ill, streamed) => {
      for (const { status, error, text } of await storm(route, streamed)) {
        expect({ status, error }).toEqual({ status: 200, error: undefined });
        expect(text).toMatch(/^1, 2, .* 30$/);
      }
      expect(callsOf(ill)).toBeLessThanOrEqual(requests);
    },
  );

  it.each([
    ["all-whole", false],
    ["all-streamed", true],
  ] as const)(
    "of all candidates is told to each client, with the time to wait (%s)",
    async (route, streamed) => {
      const before = callsOf("container") + callsOf("pro");
      const { status, code } = documented("throttled");
      for (const seen of await storm(route, streamed)) {
        expect(seen.error).toMatchObject({ status, code });
        expect(seen.headers.get("retry-after")).toMatch(/^[1-3]$/);
      }
      // One call of each candidate for a request at the most: throttling is never answered by retries.
      expect(callsOf("container") + callsOf("pro") - before).toBeLessThanOrEqual(2 * requests);
    },
  );
});
