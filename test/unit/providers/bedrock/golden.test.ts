import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseChatRequest } from "../../../../src/openai/index.ts";
import { toConverse } from "../../../../src/providers/bedrock/converse-request.ts";
import type { BedrockTarget } from "../../../../src/table/index.ts";
import { bedrockBackend, targetOf } from "../../../support/bedrock-backend.ts";
import { converseComplaints } from "../../../support/converse-rules.ts";

// `npm run golden` writes what is missing or has changed; people read the difference.

interface Case {
  target: Partial<BedrockTarget> & { modelId: string };
  metadata?: Record<string, string>;
  request: unknown;
}

const folder = new URL("cases/", import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".openai.json"))
  .map((name) => name.slice(0, -".openai.json".length));

describe("a conversation in OpenAI's form becomes one in Converse's", () => {
  it.each(names)("%s", (name) => {
    const given = JSON.parse(readText(`${name}.openai.json`)) as Case;
    const request = parseChatRequest(given.request);
    if (!request.ok) throw request.error;
    const backend = bedrockBackend(given.target.modelId, { target: given.target });
    const { converse } = toConverse({
      backend,
      target: targetOf(backend),
      request: request.value,
      metadata: given.metadata ?? {},
    });
    const text = `${JSON.stringify(converse, bytesAsBase64, 2)}\n`;
    const file = new URL(`${name}.converse.json`, folder);
    if (process.env["GOLDEN"] === "write") writeFileSync(file, text);
    expect(existsSync(file), `${name}.converse.json is missing`).toBe(true);
    expect(JSON.parse(text)).toEqual(JSON.parse(readText(`${name}.converse.json`)));
    expect(converseComplaints(converse)).toEqual([]);
  });
});

const readText = (name: string): string => readFileSync(new URL(name, folder), "utf8");

function bytesAsBase64(this: unknown, key: string, value: unknown): unknown {
  const held = (this as Record<string, unknown>)[key];
  return held instanceof Uint8Array ? `base64:${Buffer.from(held).toString("base64")}` : value;
}
