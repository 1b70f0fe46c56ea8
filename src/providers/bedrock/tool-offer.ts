import type { Tool, ToolConfiguration } from "@aws-sdk/client-bedrock-runtime";
import type { ChatRequest, FunctionTool } from "../../openai/index.ts";
import type { Formatting } from "./response-format.ts";
import { canForce, converseToolChoice, toolsOfHistory } from "./tool-config.ts";
import type { Translation } from "./translation.ts";

type Choice = NonNullable<ToolConfiguration["toolChoice"]>;

/** The tools that a request sends along. */
export function offeredTools(request: ChatRequest, format: Formatting): FunctionTool[] {
  const tools = wantedTools(request);
  return format.type === "tool" ? [...tools, format.tool] : tools;
}

/** None at all where the client forbids calls. */
function wantedTools({ tools = [], tool_choice: choice, messages }: ChatRequest): FunctionTool[] {
  if (choice === "none") return [];
  return tools.length === 0 ? toolsOfHistory(messages) : tools;
}

/** @param thinks Claude refuses to be told what to call while it thinks */
export function offeredChoice(
  request: ChatRequest,
  format: Formatting,
  thinks: boolean,
  translation: Translation,
): Choice | undefined {
  const { tool_choice: choice, tools = [] } = request;
  if (format.type !== "tool") return converseToolChoice(choice, thinks, translation);
  // Where the client offers tools, the model may call one of those before it answers.
  const mayCall = choice !== "none" && tools.length > 0;
  if (mayCall || !canForce(translation.family, "tool")) return { any: {} };
  return { tool: { name: translation.names.toWire(format.tool.function.name) } };
}

export function toolConfig(
  tools: readonly Tool[],
  toolChoice: Choice | undefined,
): ToolConfiguration | undefined {
  if (tools.length === 0) return undefined;
  return { tools: [...tools], ...(toolChoice === undefined ? {} : { toolChoice }) };
}
