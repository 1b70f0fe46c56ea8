import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanConversation, type Turn } from "../../../../src/providers/sagemaker/conversation.ts";
import { arbitraryChatBody } from "../../openai/arbitrary-conversation.ts";
import { chatRequest } from "./backends.ts";

const clean = (messages: object[]): Turn[] => cleanConversation(chatRequest({ messages }).messages);
const user = (content: unknown) => ({ role: "user", content });
const call = (id: string, text = "{}") => ({
  id,
  type: "function",
  function: { name: "look", arguments: text },
});
const asks = (...ids: string[]) => ({
  role: "assistant",
  content: null,
  tool_calls: ids.map((id) => call(id)),
});
const result = (id: string, content: unknown = "seen") => ({
  role: "tool",
  tool_call_id: id,
  content,
});
const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };

type Demand = (turn: Turn, index: number, turns: readonly Turn[]) => boolean;

/** What the strictest chat templates demand of every turn. */
const demands: Record<string, Demand> = {
  "systems lead": (turn, index) => turn.role !== "system" || index === 0,
  "users take turns": (turn, index, turns) =>
    turn.role !== "user" || turns[index - 1]?.role !== "user",
  "assistants take turns": (turn, index, turns) =>
    turn.role !== "assistant" || turns[index - 1]?.role !== "assistant",
  "assistants say something": (turn) =>
    turn.role !== "assistant" || Boolean(turn.content) || turn.tool_calls !== undefined,
  "calls are answered": (turn, index, turns) =>
    turn.role !== "assistant" ||
    (turn.tool_calls ?? []).every(({ id }) =>
      turns.slice(index + 1).some((later) => later.role === "tool" && later.tool_call_id === id),
    ),
  "results answer calls": (turn, index, turns) =>
    turn.role !== "tool" || resultsBefore(turns, index).includes(turn.tool_call_id),
};

function complaints(turns: readonly Turn[]): string[] {
  return Object.entries(demands).flatMap(([name, meets]) =>
    turns.every(meets) ? [] : [`${name}: ${JSON.stringify(turns)}`],
  );
}

/** The calls of the assistant turn that the results at `index` belong to. */
function resultsBefore(turns: readonly Turn[], index: number): string[] {
  const asked = turns.slice(0, index).findLast((turn) => turn.role !== "tool");
  return asked?.role === "assistant" ? (asked.tool_calls ?? []).map(({ id }) => id) : [];
}

describe("a conversation for a container's chat template", () => {
  it("meets the strictest template, whatever OpenAI accepts", () => {
    const body = arbitraryChatBody({ media: false });
    fc.assert(
      fc.property(body, ({ messages }) => {
        const turns = clean(messages as object[]);
        expect(complaints(turns)).toEqual([]);
        expect(turns.length).toBeGreaterThan(0);
        for (const turn of turns) {
          if (turn.role !== "assistant") expect(turn.content).toBeTypeOf("string");
          for (const { function: called } of turn.role === "assistant"
            ? (turn.tool_calls ?? [])
            : []) {
            expect(JSON.parse(called.arguments)).toBeTypeOf("object");
          }
        }
      }),
    );
  });

  it.each<[string, object[], Turn[]]>([
    [
      "merges the systems that lead",
      [
        { role: "system", content: "a" },
        { role: "developer", content: [{ type: "text", text: "b" }] },
        user("c"),
      ],
      [
        { role: "system", content: "a\n\nb" },
        { role: "user", content: "c" },
      ],
    ],
    [
      "makes a later system a user's word, in its place",
      [user("a"), { role: "assistant", content: "b" }, { role: "system", content: "c" }, user("d")],
      [
        { role: "user", content: "a" },
        { role: "assistant", content: "b" },
        { role: "user", content: "c\nd" },
      ],
    ],
    [
      "lets nothing stand between a call and its results",
      [user("a"), asks("1", "2"), result("1"), { role: "system", content: "b" }, result("2")],
      [
        { role: "user", content: "a" },
        { ...asks("1", "2") } as Turn,
        result("1") as Turn,
        result("2") as Turn,
        { role: "user", content: "b" },
      ],
    ],
    [
      "takes the last result of a call",
      [user("a"), asks("1"), result("1", "x"), result("1", "y")],
      [{ role: "user", content: "a" }, asks("1") as Turn, result("1", "y") as Turn],
    ],
    [
      "says of a call without a result that there is none",
      [user("a"), asks("1", "2"), result("1"), user("b")],
      [
        { role: "user", content: "a" },
        asks("1", "2") as Turn,
        result("1") as Turn,
        result("2", "No result was given.") as Turn,
        { role: "user", content: "b" },
      ],
    ],
    [
      "makes a result of no call a user's word",
      [user("a"), { role: "assistant", content: "b" }, result("9", "x")],
      [
        { role: "user", content: "a" },
        { role: "assistant", content: "b" },
        { role: "user", content: "x" },
      ],
    ],
    [
      "shows a result's image in the turn after it",
      [user("a"), asks("1"), result("1", [{ type: "text", text: "x" }, image]), user("b")],
      [
        { role: "user", content: "a" },
        asks("1") as Turn,
        result("1", "x") as Turn,
        { role: "user", content: [image as never, { type: "text", text: "b" }] },
      ],
    ],
    [
      "merges what an assistant said in two turns",
      [user("a"), { role: "assistant", content: "b" }, { ...asks("1"), content: "c" }, result("1")],
      [
        { role: "user", content: "a" },
        { ...asks("1"), content: "b\nc" } as Turn,
        result("1") as Turn,
      ],
    ],
    [
      "drops an assistant who said nothing",
      [user("a"), { role: "assistant", content: "" }, user("b")],
      [{ role: "user", content: "a\nb" }],
    ],
    ["keeps one empty turn where nothing is left", [user("")], [{ role: "user", content: "" }]],
    [
      "passes on nothing but what templates read",
      [
        user([{ type: "text", text: "a", cache_control: { type: "ephemeral" }, more: 1 }]),
        {
          role: "assistant",
          content: [{ type: "refusal", refusal: "no" }],
          reasoning_content: "hm",
          thinking_blocks: [{ type: "thinking", thinking: "hm" }],
          audio: null,
        },
      ],
      [
        { role: "user", content: "a" },
        { role: "assistant", content: "no" },
      ],
    ],
  ])("%s", (_, messages, turns) => {
    expect(clean(messages)).toEqual(turns);
  });

  it.each([
    ["", "{}"],
    ["[1]", "{}"],
    ["{broken", "{}"],
    ["null", "{}"],
    ['{"a": 1}', '{"a": 1}'],
  ])("gives a call's arguments %j as %j", (text, expected) => {
    const turns = clean([
      user("a"),
      { role: "assistant", tool_calls: [call("1", text)] },
      result("1"),
    ]);
    expect(turns[1]).toMatchObject({ tool_calls: [{ function: { arguments: expected } }] });
  });

  it.each([
    [
      "a remote image",
      { type: "image_url", image_url: { url: "http://169.254.169.254/" } },
      "messages[1].content[0].image_url.url must hold the image inline",
    ],
    [
      "a file",
      { type: "file", file: { file_data: "data:application/pdf;base64,JVBERi0=" } },
      "messages[1].content[0] is a file",
    ],
  ])("refuses %s by its place", (_, part, message) => {
    expect(() => clean([{ role: "system", content: "a" }, user([part])])).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});
