interface CalledTool {
  function?: { name?: string; arguments?: string };
}

/**
 * The text that is judged of an answer: what it says; where it calls tools, a JSON array of
 * `{"name", "arguments"}` in the order of the calls, whatever it says beside.
 *
 * @param message `choices[0].message` of a completion
 */
export function answerText(message: {
  content?: string | null;
  tool_calls?: readonly CalledTool[];
}): string {
  const { content, tool_calls: calls = [] } = message;
  if (calls.length === 0) return content ?? "";
  return JSON.stringify(
    calls.map(({ function: called }) => ({
      name: called?.name ?? "",
      arguments: argumentsOf(called?.arguments ?? ""),
    })),
  );
}

/** What is no JSON stays the text that it is: a schema will not take it. */
function argumentsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
