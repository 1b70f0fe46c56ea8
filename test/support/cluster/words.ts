/** The words of a command line; a value stays one word, and grows together with what it touches. */
export function words(texts: TemplateStringsArray, ...values: readonly string[]): string[] {
  const said: string[] = [""];
  for (const [index, text] of texts.entries()) {
    const [first = "", ...rest] = text.split(/\s+/);
    said.push((said.pop() ?? "") + first, ...rest);
    said.push((said.pop() ?? "") + (values[index] ?? ""));
  }
  return said.filter((word) => word !== "");
}
