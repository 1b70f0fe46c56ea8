import { describe, expect, it } from "vitest";
import type { ChatRequest, ContentPart } from "../../../../src/openai/index.ts";
import { toConverse } from "../../../../src/providers/bedrock/converse-request.ts";
import { modelFamily } from "../../../../src/providers/bedrock/model-family.ts";
import { requestMetadata } from "../../../../src/providers/bedrock/request-metadata.ts";
import { toolSchema } from "../../../../src/providers/bedrock/tool-schema.ts";
import { bedrockBackend, bedrockModels, targetOf } from "../../../support/bedrock-backend.ts";

function send(part: ContentPart): () => unknown {
  const backend = bedrockBackend(bedrockModels.nova);
  const request: ChatRequest = {
    model: "any",
    messages: [
      { role: "system", content: "Look." },
      { role: "user", content: [{ type: "text", text: "This:" }, part] },
    ],
  };
  return () => toConverse({ backend, target: targetOf(backend), request, metadata: {} });
}

const image = (url: string): ContentPart => ({ type: "image_url", image_url: { url } });
const file = (data: string, filename?: string): ContentPart => ({
  type: "file",
  file: { file_data: data, filename },
});

describe("a part that cannot be sent", () => {
  it.each([
    ["a remote image", image("https://10.0.0.1/a.png"), "image_url.url is a remote address"],
    ["a path", image("/etc/passwd"), "image_url.url is not a data URL"],
    ["an SVG image", image("data:image/svg+xml;base64,PHN2Zz4="), "must be a PNG, JPEG"],
    ["an image in plain text", image("data:image/png,abc"), "must be a data URL in base64"],
    ["an image of no bytes", image("data:image/png;base64,"), "holds no base64 data"],
    ["an image of other letters", image("data:image/png;base64,a%b"), "holds no base64 data"],
    ["a remote file", file("https://example.com/a.pdf"), "file.file_data is a remote address"],
    ["a file of unknown form", file("AAAA", "a.exe"), "file must be a PDF, CSV"],
  ])("is refused by its name: %s", (_name, part, message) => {
    expect(send(part)).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        message: expect.stringMatching(/^messages\[1\]\.content\[1\]/) as string,
        details: { param: expect.stringMatching(/^messages\[1\]\.content\[1\]\.\w+/) as string },
      }),
    );
    expect(send(part)).toThrow(message);
  });
});

describe("an image's format", () => {
  it("is what its bytes say, whatever its type claims", () => {
    const bytes = Buffer.from("ffd8ffe0", "hex").toString("base64");
    expect(send(image(`data:image/png;base64,${bytes}`))()).toMatchObject({
      converse: { messages: [{ content: [{}, { image: { format: "jpeg" } }] }] },
    });
  });
});

describe("a tool's schema", () => {
  it("is bounded where its references multiply", () => {
    const levels = 40;
    const defs = Object.fromEntries(
      Array.from({ length: levels }, (_, level) => [
        `d${level}`,
        {
          properties: {
            a: { $ref: `#/$defs/d${level + 1}` },
            b: { $ref: `#/$defs/d${level + 1}` },
          },
        },
      ]),
    );
    const text = JSON.stringify(
      toolSchema({ properties: { x: { $ref: "#/$defs/d0" } }, $defs: defs }),
    );
    expect(text.length).toBeLessThan(2_000_000);
    expect(text).not.toContain("$ref");
  });

  it.each<[string, Record<string, unknown>]>([
    ["many values", { enum: Array.from({ length: 20_000 }, (_, index) => index) }],
    ["a long text", { description: "x".repeat(50_000) }],
    ["long names", { properties: { ["x".repeat(50_000)]: {} } }],
    ["a long pointer", { $ref: `#/${"x/".repeat(50_000)}` }],
  ])("is bounded where %s are referred to again and again, in all tools together", (_, often) => {
    const names = Array.from({ length: 500 }, (__, index) => `p${index}`);
    const properties = Object.fromEntries(names.map((name) => [name, { $ref: "#/$defs/often" }]));
    const parameters = { properties, $defs: { often } };
    const backend = bedrockBackend(bedrockModels.claude);
    const request: ChatRequest = {
      model: "any",
      messages: [{ role: "user", content: "Hi" }],
      tools: names.map((name) => ({ type: "function", function: { name, parameters } })),
    };
    const asked = { backend, target: targetOf(backend), request, metadata: {} };
    const startedAt = performance.now();
    const text = JSON.stringify(toConverse(asked).converse);
    expect(text.length).toBeLessThan(10_000_000);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it.each([
    [{ $ref: "#" }, { type: "object", properties: {} }],
    [{ properties: { a: { $ref: "https://example.com/a" } } }, { properties: { a: {} } }],
    [{ properties: { a: { $ref: "#/$defs/missing" } } }, { properties: { a: {} } }],
    [
      {
        properties: { a: { $ref: "#/definitions/x~1y" } },
        definitions: { "x/y": { type: "string" } },
      },
      { properties: { a: { type: "string" } } },
    ],
    [{ type: ["object", "null"] }, { type: "object" }],
    [undefined, { type: "object", properties: {} }],
  ])("is written out: %j", (given, expected) => {
    expect(toolSchema(given)).toMatchObject(expected);
  });

  it("keeps a property that is called $ref", () => {
    const schema = { type: "object", properties: { $ref: { type: "string" } } };
    expect(toolSchema(schema)).toEqual(schema);
  });
});

describe("request metadata", () => {
  it("keeps sixteen entries in AWS's alphabet", () => {
    const many = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`key${index}<`, "é".repeat(300)]),
    );
    const kept = Object.entries(requestMetadata(many) ?? {});
    expect(kept).toHaveLength(16);
    expect(kept[0]).toEqual(["key0_", "_".repeat(256)]);
  });

  it("is absent where there is none", () => {
    expect(requestMetadata({})).toBeUndefined();
  });

  it("keeps a name that objects have a meaning of their own for", () => {
    expect(Object.entries(requestMetadata({ "[[proto]]": "x" }) ?? {})).toEqual([
      ["__proto__", "x"],
    ]);
  });
});

describe("a model's family", () => {
  it.each([
    ["anthropic.claude-sonnet-4-20250514-v1:0", "claude"],
    ["us.anthropic.claude-sonnet-4-20250514-v1:0", "claude"],
    ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0", "nova"],
    ["arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.meta.llama3-2-1b-v1:0", "llama"],
    ["openai.gpt-oss-120b-1:0", "gptOss"],
    ["mistral.mistral-large-2407-v1:0", "mistral"],
    ["arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc", "other"],
    ["cohere.command-r-v1:0", "other"],
  ])("of %s is %s", (modelId, family) => {
    expect(modelFamily(modelId)).toBe(family);
  });
});
