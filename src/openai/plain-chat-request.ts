// Most requests are of one plain form, and the schema takes twice the time of reading their JSON to say
// so, copying each object as it goes. This judges only that form; whatever else there is, mistakes
// above all, is the schema's. A property test holds the two equal.
import type { ChatRequest } from "./chat-request.ts";

type Check = (value: unknown) => boolean;

interface Shape {
  members: ReadonlyMap<string, Check>;
  required: readonly string[];
}

const shape = (members: Record<string, Check>, required: readonly string[]): Shape => ({
  members: new Map(Object.entries(members)),
  required,
});

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether the value has all that the shape requires, and nothing that it does not know. */
function fits(value: unknown, { members, required }: Shape): boolean {
  if (!isObject(value)) return false;
  for (const name of required) if (!Object.hasOwn(value, name)) return false;
  for (const [name, member] of Object.entries(value)) {
    if (members.get(name)?.(member) !== true) return false;
  }
  return true;
}

const text: Check = (value) => typeof value === "string";
const name: Check = (value) => typeof value === "string" && value !== "";
const flag: Check = (value) => typeof value === "boolean";
const number: Check = (value) => Number.isFinite(value);
const whole: Check = (value) => Number.isSafeInteger(value);
const tokens: Check = (value) => whole(value) && (value as number) >= 1;
const upTo =
  (most: number): Check =>
  (value) =>
    number(value) && (value as number) >= 0 && (value as number) <= most;
const only =
  (one: unknown): Check =>
  (value) =>
    value === one;
const either =
  (first: Check, second: Check): Check =>
  (value) =>
    first(value) || second(value);
const listOf =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);
const object = (members: Record<string, Check>, required: readonly string[]): Check => {
  const known = shape(members, required);
  return (value) => fits(value, known);
};

/** A JSON schema. The schema of requests leaves out a member by this name; so this one is not plain. */
const record: Check = (value) => isObject(value) && !Object.hasOwn(value, "__proto__");

const textPart = object({ type: only("text"), text }, ["type", "text"]);
const content = either(text, listOf(textPart));
const call = object(
  {
    id: name,
    type: only("function"),
    function: object({ name, arguments: text }, ["name", "arguments"]),
  },
  ["id", "function"],
);
const tool = object(
  {
    type: only("function"),
    function: object({ name, description: text, parameters: record, strict: flag }, ["name"]),
  },
  ["type", "function"],
);

const spoken = { role: text, content, name: text };
const roles: ReadonlyMap<unknown, Shape> = new Map([
  ["system", shape(spoken, ["content"])],
  ["developer", shape(spoken, ["content"])],
  ["user", shape(spoken, ["content"])],
  [
    "assistant",
    shape({ ...spoken, content: either(content, only(null)), tool_calls: listOf(call) }, []),
  ],
  ["tool", shape({ ...spoken, tool_call_id: name }, ["content", "tool_call_id"])],
]);

const message: Check = (value) => {
  const known = isObject(value) && "role" in value ? roles.get(value.role) : undefined;
  return known !== undefined && fits(value, known);
};

const request = object(
  {
    model: name,
    messages: (value) => listOf(message)(value) && (value as unknown[]).length > 0,
    max_tokens: tokens,
    max_completion_tokens: tokens,
    temperature: upTo(2),
    top_p: upTo(1),
    frequency_penalty: number,
    presence_penalty: number,
    seed: whole,
    n: only(1),
    stop: either(text, listOf(text)),
    tools: listOf(tool),
    parallel_tool_calls: flag,
    stream: flag,
    stream_options: object({ include_usage: flag }, []),
    user: text,
  },
  ["model", "messages"],
);

/** Whether the body is a chat request as it stands. False says nothing: the schema must be asked. */
export const isPlainChatRequest = request as (body: unknown) => body is ChatRequest;
