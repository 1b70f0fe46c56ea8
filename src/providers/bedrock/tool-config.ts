import type { Tool, ToolChoice as ConverseChoice } from "@aws-sdk/client-bedrock-runtime";
import type { ChatRequest, FunctionTool, Message } from "../../openai/index.ts";
import { isBlank } from "./blank.ts";
import { cachePoint } from "./cache-point.ts";
import { toolSchema } from "./tool-schema.ts";
import type { Translation } from "./translation.ts";

/** The tools of a request in Converse's form, each name once. */
export function converseTools(tools: readonly FunctionTool[], translation: Translation): Tool[] {
  const names = new Set<string>();
  return tools.flatMap((tool) => {
    if (names.has(tool.function.name)) return [];
    names.add(tool.function.name);
    // Only Claude caches its tools.
    const mark = translation.family === "claude" ? tool.cache_control : undefined;
    return [converseTool(tool, translation), ...cachePoint(mark, translation)];
  });
}

function converseTool(tool: FunctionTool, { names, supports, growth }: Translation): Tool {
  const { name, description, parameters, strict } = tool.function;
  const wire = names.toWire(name);
  const undescribed = description === null || description === undefined || isBlank(description);
  return {
    toolSpec: {
      name: wire,
      description: undescribed ? wire : description,
      inputSchema: { json: toolSchema(parameters, growth) },
      ...(strict === true && supports("JsonSchema") ? { strict } : {}),
    },
  };
}

/** Bedrock wants the tools of a conversation declared even where no further call is wanted. */
export function toolsOfHistory(messages: readonly Message[]): FunctionTool[] {
  return messages
    .flatMap((message) => (message.role === "assistant" ? (message.tool_calls ?? []) : []))
    .map((call) => ({ type: "function", function: { name: call.function.name } }));
}

export const hasToolTurns = (messages: readonly Message[]): boolean =>
  messages.some((message) => message.role === "assistant" && (message.tool_calls ?? []).length > 0);

/**
 * Which calls the model must make; undefined leaves it to the model, which is also what those get
 * that cannot be told.
 *
 * @param thinks Claude refuses to be told while it thinks
 */
export function converseToolChoice(
  choice: ChatRequest["tool_choice"],
  thinks: boolean,
  { family, names }: Translation,
): ConverseChoice | undefined {
  if (choice === undefined || choice === "none") return undefined;
  if (choice === "auto" || thinks) return { auto: {} };
  if (choice === "required") return canForce(family, "any") ? { any: {} } : { auto: {} };
  if (canForce(family, "tool")) return { tool: { name: names.toWire(choice.function.name) } };
  return canForce(family, "any") ? { any: {} } : { auto: {} };
}

export function canForce(family: Translation["family"], how: "any" | "tool"): boolean {
  return family === "claude" || family === "nova" || (family === "mistral" && how === "any");
}
