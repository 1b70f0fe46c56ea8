import type {
  AssistantMessage,
  ChatRequest,
  FunctionTool,
  Message,
  ResponseFormat,
} from "../../openai/index.ts";
import type { Asked } from "../parse-stage.ts";
import type { TextPiece } from "./text-piece.ts";

/** What becomes of a text. */
type Visit = (text: string, place: string, form?: TextPiece["form"]) => string;

const isGiven = <Value>(value: Value | null | undefined): value is Value =>
  value !== null && value !== undefined;

/** Every text of a request that a model may come to read, in the order of the request. */
export function textsOf(asked: Asked): TextPiece[] {
  const pieces: TextPiece[] = [];
  mapTexts(asked, (text, place, form = formOf(text)) => {
    pieces.push({ place, text, form });
    return text;
  });
  return pieces;
}

/** What tools return is JSON as a rule, and models read its escapes for what they are. */
function formOf(text: string): TextPiece["form"] {
  return text.includes("\\") && /^\s*[[{]/.test(text) && isJson(text) ? "json" : "text";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The request with other texts, in the order of `textsOf`. What is given is left as it is. */
export function withTexts(asked: Asked, pieces: readonly TextPiece[]): Asked {
  let next = 0;
  return mapTexts(asked, (text) => pieces[next++]?.text ?? text);
}

function mapTexts(asked: Asked, visit: Visit): Asked {
  if (asked.operation === "chat") return { ...asked, request: mapChat(asked.request, visit) };
  const input = asked.request.input.map((text, index) => visit(text, `input[${index}]`));
  return { ...asked, request: { ...asked.request, input } };
}

function mapChat(request: ChatRequest, visit: Visit): ChatRequest {
  const mapped: ChatRequest = {
    ...request,
    messages: request.messages.map((message, index) =>
      mapMessage(message, `messages[${index}]`, visit),
    ),
  };
  if (request.tools !== undefined) {
    mapped.tools = request.tools.map((tool, index) => mapTool(tool, `tools[${index}]`, visit));
  }
  if (request.response_format !== undefined)
    mapped.response_format = mapFormat(request.response_format, visit);
  if (request.stop !== undefined) mapped.stop = mapStop(request.stop, visit);
  return Object.assign(mapped, mapGuides(request, visit));
}

function mapStop(stop: string | string[], visit: Visit): string | string[] {
  if (typeof stop === "string") return visit(stop, "stop");
  return stop.map((text, index) => visit(text, `stop[${index}]`));
}

/** What containers take by names that OpenAI does not know, as far as it holds texts. */
function mapGuides(
  request: ChatRequest & { guided_json?: unknown; guided_choice?: unknown },
  visit: Visit,
): object {
  return {
    ...("guided_json" in request && {
      guided_json: mapValue(request.guided_json, "guided_json", visit),
    }),
    ...("guided_choice" in request && {
      guided_choice: mapValue(request.guided_choice, "guided_choice", visit),
    }),
  };
}

function mapMessage(message: Message, place: string, visit: Visit): Message {
  if (message.role === "assistant") return mapAssistant(message, place, visit);
  const content = mapContent(message.content, `${place}.content`, visit);
  // The parts of a message are of its role, and each stays what it is.
  return { ...message, content } as Message;
}

function mapAssistant(message: AssistantMessage, place: string, visit: Visit): AssistantMessage {
  const mapped = { ...message };
  const { content, refusal, reasoning_content: thoughts } = message;
  if (isGiven(content)) mapped.content = mapContent(content, `${place}.content`, visit);
  if (isGiven(refusal)) mapped.refusal = visit(refusal, `${place}.refusal`);
  if (isGiven(thoughts)) mapped.reasoning_content = visit(thoughts, `${place}.reasoning_content`);
  if (isGiven(message.thinking_blocks)) {
    mapped.thinking_blocks = message.thinking_blocks.map((block, index) =>
      block.type === "thinking"
        ? { ...block, thinking: visit(block.thinking, `${place}.thinking_blocks[${index}]`) }
        : block,
    );
  }
  if (isGiven(message.tool_calls)) {
    mapped.tool_calls = message.tool_calls.map((call, index) => {
      const at = `${place}.tool_calls[${index}].function.arguments`;
      const text = visit(call.function.arguments, at, "json");
      return { ...call, function: { ...call.function, arguments: text } };
    });
  }
  return mapped;
}

type Part = { type: string; text?: string; refusal?: string };

/** Pictures and files are no texts: they pass as they are. */
function mapContent<Content extends string | readonly Part[]>(
  content: Content,
  place: string,
  visit: Visit,
): Content {
  if (typeof content === "string") return visit(content, place) as Content;
  return content.map((part, index) => {
    const { text, refusal } = part;
    if (text !== undefined) return { ...part, text: visit(text, `${place}[${index}].text`) };
    if (refusal === undefined) return part;
    return { ...part, refusal: visit(refusal, `${place}[${index}].refusal`) };
  }) as readonly Part[] as Content;
}

function mapTool(tool: FunctionTool, place: string, visit: Visit): FunctionTool {
  const { description, parameters } = tool.function;
  const mapped = { ...tool.function };
  if (isGiven(description))
    mapped.description = visit(description, `${place}.function.description`);
  if (isGiven(parameters))
    mapped.parameters = mapValue(parameters, `${place}.function.parameters`, visit);
  return { ...tool, function: mapped };
}

function mapFormat(format: ResponseFormat, visit: Visit): ResponseFormat {
  if (format.type !== "json_schema") return format;
  const { description, schema } = format.json_schema;
  const place = "response_format.json_schema";
  const mapped = { ...format.json_schema };
  if (isGiven(description)) mapped.description = visit(description, `${place}.description`);
  if (isGiven(schema)) mapped.schema = mapValue(schema, `${place}.schema`, visit);
  return { ...format, json_schema: mapped };
}

/** Redaction keeps JSON what it is, so that it can be read back. */
function mapValue<Value>(value: Value, place: string, visit: Visit): Value {
  const text = JSON.stringify(value);
  const mapped = visit(text, place, "json");
  return mapped === text ? value : (JSON.parse(mapped) as Value);
}
