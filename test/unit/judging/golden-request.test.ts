import { expect, it } from "vitest";
import { checkGoldenRequest, goldenRequest } from "../../../src/judging/index.ts";

const user = (content: string) => ({ role: "user", content });

it.each([
  [{ prompt: "Hello" }, { messages: [user("Hello")], temperature: 0 }],
  [
    { messages: [user("a"), user("b")], maxTokens: 9, toolChoice: "none" },
    {
      messages: [user("a"), user("b")],
      temperature: 0,
      max_completion_tokens: 9,
      tool_choice: "none",
    },
  ],
])("asks %j as %j", (prompt, body) => {
  expect(goldenRequest(prompt)).toEqual(body);
  expect(checkGoldenRequest(prompt)).toEqual({ ok: true, value: undefined });
});

it("says what the API would refuse, by its field", () => {
  expect(checkGoldenRequest({ messages: [{ role: "user" }] })).toMatchObject({
    ok: false,
    error: { param: "messages[0].content" },
  });
});
