// A policy that is watched before it bites, with everything in it that may bite, over simulated models.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { onlyRecordOf, send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

let local: Local;

/** Each bound of it refuses any request. */
const strict = {
  allowedBackends: [{ name: "lite" }],
  budgets: [{ window: "Day", usd: "0.000001" }],
  rateLimits: { tokensPerMinute: 1 },
  safety: [{ name: "no-hello", type: "WordList", wordList: { words: ["hello"] } }],
};

beforeAll(async () => {
  const access = { access: "Tenants" } as const;
  local = await startLocal({
    resources: [
      backendOf("micro"),
      backendOf("lite"),
      routeOf("chat", ["micro"], access),
      routeOf("both", ["micro", "lite"], access),
      tenantOf("watched", "sy_watched", { ...strict, enforcement: "Observe" }),
      tenantOf("held", "sy_held", strict),
      tenantOf("abroad", "sy_abroad", {
        enforcement: "Observe",
        residency: { regions: ["eu-central-1"] },
      }),
    ],
  });
});

afterAll(async () => local.stop());

async function ask(key: string, model: string, text: string) {
  const got = await send(local, { body: chatOf(model, text), key });
  return { ...got, record: await onlyRecordOf(local, got.requestId) };
}

const metric = async (name: string): Promise<string[]> => {
  const text = await (await fetch(`${local.adminUrl}/metrics`)).text();
  return text.split("\n").filter((line) => line.startsWith(`${name}{`));
};

describe("a policy with enforcement: Observe", () => {
  it("serves what each of its bounds would have refused, and names them all", async () => {
    const { status, text, record } = await ask("sy_watched", "chat", "repeat: hello there");
    expect(status).toBe(200);
    expect(text).toContain("hello there");
    expect(record.tenant).toBe("watched");
    expect(record.would_refuse.toSorted()).toEqual([
      "allowed_backends",
      "budget_day_usd",
      "safety/no-hello",
      "tokens_per_minute",
    ]);
    expect(record.would_divert).toEqual([]);
    for (const bound of record.would_refuse) {
      const lines = await metric("switchyard_would_refuse_total");
      expect(lines.join("\n")).toMatch(
        new RegExp(
          `switchyard_bound="${bound}",switchyard_route="chat",switchyard_tenant="watched"} 1`,
        ),
      );
    }
  });

  it("tells apart what another backend would have served", async () => {
    const { status, record } = await ask("sy_watched", "both", "repeat: good day");
    expect(status).toBe(200);
    expect(record.attempts.map(({ backend }) => backend)).toEqual(["micro"]);
    expect(record.would_divert).toEqual(["allowed_backends"]);
    expect(record.would_refuse).not.toContain("allowed_backends");
    expect(await metric("switchyard_would_divert_total")).toHaveLength(1);
  });

  it("is refused all the same where it bites", async () => {
    const { status, record } = await ask("sy_held", "chat", "repeat: good day");
    expect(status).toBe(400);
    expect(record).toMatchObject({ error_type: "no_candidate", would_refuse: [], attempts: [] });
    expect((await ask("sy_held", "both", "repeat: good day")).status).toBe(429);
  });

  it("keeps data where it must be", async () => {
    const { status, record } = await ask("sy_abroad", "chat", "repeat: good day");
    expect(status).toBe(400);
    expect(record.attempts).toEqual([]);
  });
});
