import { ApiError } from "./api-error.ts";
import type { WireChatRequest } from "./chat-request.ts";
import type { FunctionTool, WireToolChoice } from "./tool.ts";

/**
 * Applies `allowed_tools` to the request's tools, in place, and judges whether the choice can be met.
 *
 * @returns what is wrong with the choice
 */
export function normalizeTools(request: WireChatRequest): ApiError | undefined {
  const { tool_choice: choice } = request;
  if (choice === undefined) return undefined;
  const tools = request.tools ?? [];
  const missing = namesOf(choice).find(
    (name) => !tools.some((tool) => tool.function.name === name),
  );
  if (missing !== undefined) {
    return wrongChoice(`names the function "${missing}", which is not among \`tools\``);
  }
  if (typeof choice === "object" && choice.type === "allowed_tools") {
    request.tools = allowed(tools, namesOf(choice));
    request.tool_choice = choice.allowed_tools.mode;
  }
  const none = (request.tools ?? []).length === 0;
  return request.tool_choice === "required" && none
    ? wrongChoice("asks for a call, but `tools` offers none")
    : undefined;
}

function namesOf(choice: WireToolChoice): string[] {
  if (typeof choice === "string") return [];
  if (choice.type === "function") return [choice.function.name];
  return choice.allowed_tools.tools.flatMap((tool) => tool.function?.name ?? []);
}

function allowed(tools: readonly FunctionTool[], names: readonly string[]): FunctionTool[] {
  return tools.filter((tool) => names.includes(tool.function.name));
}

function wrongChoice(what: string): ApiError {
  return new ApiError("invalid_request_error", `tool_choice ${what}`, { param: "tool_choice" });
}
