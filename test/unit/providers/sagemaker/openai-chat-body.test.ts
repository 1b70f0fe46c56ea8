import { describe, expect, it } from "vitest";
import { openAIChatBody } from "../../../../src/providers/sagemaker/openai-chat-body.ts";
import { chatCall } from "./backends.ts";

const messages = [{ role: "user", content: "hi" }];
const tool = { type: "function", function: { name: "look" }, cache_control: { type: "ephemeral" } };

describe("the body for an OpenAI-compatible container", () => {
  it.each<[string, object, object]>([
    ["leaves the model's name to the endpoint", {}, {}],
    [
      "keeps sampling",
      { temperature: 0.5, top_p: 0.9, top_k: 5, seed: 7, logit_bias: { 1: 2 } },
      { temperature: 0.5, top_p: 0.9, top_k: 5, seed: 7, logit_bias: { 1: 2 } },
    ],
    [
      "says max_tokens, as all containers know it",
      { max_completion_tokens: 9, max_tokens: 5 },
      { max_tokens: 9 },
    ],
    ["asks for no more than the model can give", { max_tokens: 1e9 }, { max_tokens: 2_048 }],
    ["drops empty stop sequences", { stop: ["", "END"] }, { stop: ["END"] }],
    ["drops a stop that is empty", { stop: "" }, {}],
    [
      "lowers the effort to what is known",
      { reasoning_effort: "xhigh" },
      { reasoning_effort: "high" },
    ],
    ["leaves an effort of none to the model", { reasoning_effort: "none" }, {}],
    [
      "cleans tools",
      { tools: [tool], tool_choice: "required", parallel_tool_calls: false },
      {
        tools: [
          {
            type: "function",
            function: { name: "look", parameters: { type: "object", properties: {} } },
          },
        ],
        tool_choice: "required",
        parallel_tool_calls: false,
      },
    ],
    ["drops a choice among no tools", { tools: [], tool_choice: "auto" }, {}],
    [
      "keeps a JSON schema",
      { response_format: { type: "json_schema", json_schema: { name: "a", schema: {} } } },
      { response_format: { type: "json_schema", json_schema: { name: "a", schema: {} } } },
    ],
    ["drops the default format", { response_format: { type: "text" } }, {}],
    [
      "holds back what is the client's or the router's affair",
      { user: "u", metadata: { a: "b" }, store: true, service_tier: "auto", n: 1 },
      {},
    ],
    [
      "holds back what would fetch, run or load something at the container",
      {
        chat_template: "{{ x }}",
        kv_transfer_params: { remote_host: "h" },
        adapters: ["a"],
        mm_processor_kwargs: {},
      },
      {},
    ],
  ])("%s", (_, asked, expected) => {
    expect(openAIChatBody(chatCall(asked), false)).toEqual({
      messages,
      stream: false,
      ...expected,
    });
  });

  it("asks for the usage of every stream", () => {
    expect(openAIChatBody(chatCall({ stream_options: { include_usage: false } }), true)).toEqual({
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
  });
});
