import type { OutputConfig } from "@aws-sdk/client-bedrock-runtime";
import type { ChatRequest, FunctionTool, ResponseFormat } from "../../openai/index.ts";
import { canForce } from "./tool-config.ts";
import type { Translation } from "./translation.ts";

/** How a model is brought to answer in the form that the client wants. */
export type Formatting =
  | { type: "free" }
  | { type: "native"; outputConfig: OutputConfig }
  /** The answer is the input of a tool that the model must call. */
  | { type: "tool"; tool: FunctionTool }
  | { type: "instruction"; text: string };

type JsonSchemaFormat = Extract<ResponseFormat, { type: "json_schema" }>["json_schema"];

const free: Formatting = { type: "free" };

export function formatting(request: ChatRequest, translation: Translation): Formatting {
  const format = request.response_format;
  if (format === undefined || format.type === "text") return free;
  if (format.type === "json_object") return { type: "instruction", text: jsonInstruction };
  const wanted = format.json_schema;
  if (translation.supports("JsonSchema")) return native(wanted);
  if (!translation.supports("Tools") || !canForce(translation.family, "any")) {
    return { type: "instruction", text: schemaInstruction(wanted) };
  }
  return mustCall(request) ? free : { type: "tool", tool: answerTool(wanted) };
}

const jsonInstruction = "Answer with one JSON object and nothing else.";

function schemaInstruction(format: JsonSchemaFormat): string {
  const schema = JSON.stringify(format.schema ?? {});
  return `Answer with one JSON object that is valid by this JSON schema, and nothing else:\n${schema}`;
}

function native({ name, description, schema }: JsonSchemaFormat): Formatting {
  const described = typeof description === "string" && description !== "" ? { description } : {};
  const jsonSchema = { schema: JSON.stringify(schema ?? { type: "object" }), name, ...described };
  return {
    type: "native",
    outputConfig: { textFormat: { type: "json_schema", structure: { jsonSchema } } },
  };
}

/** A client that insists on a call gets that call, whose arguments have a form of their own. */
const mustCall = ({ tool_choice: choice }: ChatRequest): boolean =>
  choice === "required" || typeof choice === "object";

function answerTool({ name, description, schema }: JsonSchemaFormat): FunctionTool {
  const purpose = "Gives the final answer. Every answer is given by calling this tool.";
  return {
    type: "function",
    function: {
      name: `answer_as_${name}`,
      description: typeof description === "string" ? `${purpose} ${description}` : purpose,
      parameters: schema ?? {},
    },
  };
}
