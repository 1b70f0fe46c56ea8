import type { OfferedTool, Prompt } from "./prompt.ts";

const commonWords = new Set(
  "get list find search lookup look fetch create make read write call tool tools function with from that this given value values name names data returns return".split(
    " ",
  ),
);

/** The tools that a prompt leads the model to call, in the order they were offered. */
export function chooseTools(prompt: Prompt): OfferedTool[] {
  const { tools, toolChoice } = prompt;
  if (tools.length === 0 || toolChoice.type === "none") return [];
  if (toolChoice.type === "tool")
    return tools.filter((tool) => tool.name === toolChoice.name).slice(0, 1);
  const meant = tools.filter((tool) => isMeant(tool, prompt.text));
  if (toolChoice.type === "any" && meant.length === 0) return tools.slice(0, 1);
  // After its results a model left to itself speaks rather than calls again.
  if (toolChoice.type === "auto" && prompt.toolResults.length > 0) return [];
  return prompt.parallelTools ? meant : meant.slice(0, 1);
}

const anyTool = /\b(?:use|call) (?:a|the|your|any|one of the) tools?\b/;

/** A tool is meant where the text has its name, a word of its name's subject, or asks for any tool. */
function isMeant(tool: OfferedTool, text: string): boolean {
  const lower = text.toLowerCase();
  const names = new Set(lower.match(/[a-z0-9_-]+/g) ?? []);
  if (names.has(tool.name.toLowerCase()) || anyTool.test(lower)) return true;
  const words = new Set(lower.match(/[\p{L}]{4,}/gu) ?? []);
  return subjectWords(tool.name).some((word) => words.has(word) || words.has(`${word}s`));
}

const subjectWords = (name: string): string[] =>
  name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word.length >= 4 && !commonWords.has(word));
