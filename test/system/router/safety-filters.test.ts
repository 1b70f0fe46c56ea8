// Filters through a whole router, with its own telemetry and simulated models, as OpenAI's client sees them.
import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { apiErrorOf, openAiClient } from "../../support/openai-client.ts";
import { plainAttributes, startOtlpSink, type OtlpSink } from "../../support/otlp-sink.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const email = "jane.doe@example.com";
const token = `ghp_${"q7Rk2LmZ9xTb4WcY8vNd3HsJ6pGf1QaE5uKo"}`;
const key = "sy_key-of-acme-for-filters";
const names = ["micro", "sonnet", "container"] as const;

let sink: OtlpSink;
let local: Local;
let client: OpenAI;

beforeAll(async () => {
  sink = await startOtlpSink();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
  const people = { name: "people", type: "Pii", action: "Redact", reversible: true };
  const secrets = { name: "secrets", type: "Secrets" };
  local = await startLocal({
    resources: [
      ...names.map((name) => backendOf(name)),
      ...names.map((name) => routeOf(name, [name], { safety: [people, secrets] })),
      routeOf("open", ["micro"], { access: "Tenants" }),
      tenantOf("acme", key, { safety: [{ ...secrets, stage: "Input" }] }),
    ],
  });
  client = openAiClient(local);
});

afterAll(async () => {
  await local.stop();
  vi.unstubAllEnvs();
  await sink.close();
});

const tool = (value: string): OpenAI.ChatCompletionTool => ({
  type: "function",
  function: {
    name: "send_letter",
    parameters: { type: "object", properties: { to: { const: value } }, required: ["to"] },
  },
});

async function ask(
  model: string,
  streamed: boolean,
  content: string,
  tools?: OpenAI.ChatCompletionTool[],
) {
  const asked = { model, messages: [{ role: "user" as const, content }], ...(tools && { tools }) };
  const completion = streamed
    ? await client.chat.completions.stream(asked).finalChatCompletion()
    : await client.chat.completions.create(asked);
  return completion.choices[0]!.message;
}

describe.each(names.flatMap((name) => [[name, false] as const, [name, true] as const]))(
  "behind %s (stream: %s)",
  (name, streamed) => {
    it("what was redacted comes back in the answer, and the model never saw it", async () => {
      const before = local.simulator.calls().length;
      const { content } = await ask(
        name,
        streamed,
        `repeat: write to ${email} and to joe@example.com`,
      );
      expect(content).toContain(`write to ${email} and to joe@example.com`);
      const calls = local.simulator.calls().slice(before);
      expect(calls).toHaveLength(1);
      expect(JSON.stringify(calls)).not.toContain(email);
    });

    it("what was redacted comes back in a tool's arguments", async () => {
      const { tool_calls: calls } = await ask(
        name,
        streamed,
        "Send the letter with the tool send_letter",
        [tool(email)],
      );
      const called = calls?.[0];
      expect(called?.type === "function" && JSON.parse(called.function.arguments)).toEqual({
        to: email,
      });
    });

    it("a secret in the request is refused", async () => {
      const error = await apiErrorOf(ask(name, streamed, `What is ${token}?`));
      expect([error.status, error.code, error.param]).toEqual([
        400,
        "content_filter",
        "messages[0].content",
      ]);
    });
  },
);

describe("a router with filters", () => {
  it("runs a tenant's on a route that has none", async () => {
    const acme = openAiClient(local, key);
    const error = await apiErrorOf(
      acme.chat.completions.create({
        model: "open",
        messages: [{ role: "user", content: token }],
      }),
    );
    expect(error.error).toMatchObject({ rules: ["secrets/github-token"] });
  });

  it("shows them at /table", async () => {
    const response = await fetch(`${local.adminUrl}/table`);
    const { routes, tenants } = (await response.json()) as Record<string, { safety?: object[] }[]>;
    expect(routes?.[0]?.safety).toMatchObject([
      { name: "people", type: "Pii", action: "Redact", reversible: true, stage: "Both" },
      { name: "secrets", type: "Secrets", action: "Block" },
    ]);
    expect(tenants?.[0]?.safety).toMatchObject([{ name: "secrets", stage: "Input" }]);
  });

  it("takes up filters that are added while it runs, and lets those go that are removed", async () => {
    const edit = async (safety: object[]) => {
      const since = local.refreshes.length;
      await local.write([routeOf("edited", ["micro"], { safety })], "edited.yaml");
      await local.refreshed(() => true, since);
    };
    await edit([{ name: "words", type: "WordList", wordList: { words: ["zebra"] } }]);
    const error = await apiErrorOf(ask("edited", false, "A zebra"));
    expect(error.error).toMatchObject({ rules: ["word-list/word"] });
    await edit([]);
    await expect(ask("edited", false, "A zebra")).resolves.toBeDefined();
  });

  it("tells of them in records, metrics and spans, and writes nowhere what was found", async () => {
    const metrics = await (await fetch(`${local.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(
      /switchyard_safety_verdicts_total\{[^}]*switchyard_filter_type="Secrets"[^}]*switchyard_safety_action="block"[^}]*\} [1-9]/,
    );
    expect(metrics).toContain("switchyard_safety_duration_bucket");
    await vi.waitFor(
      () => expect(sink.spans().some(({ name }) => name === "switchyard.safety")).toBe(true),
      {
        timeout: 15_000,
      },
    );
    const span = sink.spans().find(({ name }) => name === "switchyard.safety");
    expect(plainAttributes(span!.attributes)).toMatchObject({
      "switchyard.filter.owner": "route",
      "switchyard.safety.stage": "input",
    });
    const [first] = local.records.safety;
    expect(first).toMatchObject({ stream: "safety", filter: "people", trace_id: span!.traceId });
    const written = JSON.stringify([
      local.records.all,
      local.records.safety,
      local.log,
      sink.spans(),
      metrics,
    ]);
    for (const secret of [email, token, "joe@example"]) expect(written).not.toContain(secret);
  });
});
