import { describe, expect, test } from "vitest";
import { KubeError, type Connection, type KubeCall } from "../../../src/kube/index.ts";
import { askForDefinitions } from "../../../src/operator/definitions.ts";

const made = Date.parse("2026-03-01T12:00:00Z");

/** An API server that knows these definitions. */
function serverOf(answer: (path: string) => object | KubeError): Connection & { calls: number } {
  const connection = {
    calls: 0,
    json: <Answer>({ path }: KubeCall): Promise<Answer> => {
      connection.calls += 1;
      const found = answer(path);
      return found instanceof KubeError ? Promise.reject(found) : Promise.resolve(found as Answer);
    },
    lines: () => {
      throw new Error("Nothing is watched here");
    },
    close: () => Promise.resolve(),
  };
  return connection;
}

const standing = { metadata: { creationTimestamp: "2026-03-01T12:00:00Z" } };
const at = (now: number) => ({ now: () => now, elapsed: () => 0 });
const notFound = new KubeError("NotFound", "There is none", { status: 404 });

describe("whether resources may be believed to be deleted", () => {
  test.each([
    ["the group is younger than the definitions", made + 1_000, made + 2_000, true],
    ["the group is being made", undefined, made + 2_000, true],
    ["the definitions were made anew just now", made - 1_000, made + 2_000, false],
    ["they were made anew long enough ago", made - 1_000, made + 301_000, true],
  ])("where %s", async (_, since, now, expected) => {
    const stand = askForDefinitions(
      serverOf(() => standing),
      at(now),
    );
    expect(await stand(since)).toBe(expected);
  });

  test.each([
    ["is gone", notFound],
    ["is going", { metadata: { ...standing.metadata, deletionTimestamp: "2026-03-01T12:30:00Z" } }],
  ])("not where one of them %s", async (_, found) => {
    const server = serverOf((path) => (path.includes("tenantpolicies") ? found : standing));
    expect(await askForDefinitions(server, at(made + 1_000_000))(made + 1)).toBe(false);
  });

  test("is not said where it cannot be told", async () => {
    const forbidden = new KubeError("Forbidden", "No", { status: 403 });
    await expect(
      askForDefinitions(
        serverOf(() => forbidden),
        at(made),
      )(made),
    ).rejects.toBe(forbidden);
  });

  test("is asked of the API server once for each definition", async () => {
    const server = serverOf(() => standing);
    const stand = askForDefinitions(server, at(made));
    await Promise.all([stand(made), stand(made), stand(undefined)]);
    expect(server.calls).toBe(3);
  });
});
