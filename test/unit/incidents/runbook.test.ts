import { describe, expect, it } from "vitest";
import { blocksOf, runBlock, variablesOf } from "../../../scripts/incidents/runbook.ts";

const text = `# Runbooks

\`\`\`sh
echo not of a section
\`\`\`

## Slow

Look:

\`\`\`sh
echo one \\
  and two
\`\`\`

\`\`\`text
no command
\`\`\`

### Then

\`\`\`sh
echo three
\`\`\`

## SlowToo

\`\`\`sh
echo of another
\`\`\`
`;

describe("a section of the runbooks", () => {
  it("gives its code blocks as they stand, and none of its neighbours'", () => {
    expect(blocksOf(text, "Slow")).toEqual(["echo one \\\n  and two\n", "echo three\n"]);
  });

  it("has to be there", () => {
    expect(() => blocksOf(text, "Slo")).toThrow("no section on Slo");
  });

  it("is run with what the alert's labels name, and with where to look", async () => {
    const labels = { alertname: "Slow", switchyard_backend: "haiku", namespace: "default" };
    const variables = variablesOf(labels, { PROMETHEUS: "http://prom", ADMIN: "http://admin" });
    expect(variables).toEqual({
      PROMETHEUS: "http://prom",
      ADMIN: "http://admin",
      BACKEND: "haiku",
      NAMESPACE: "default",
    });
    expect(await runBlock('echo "$BACKEND of $NAMESPACE"', variables)).toBe("haiku of default\n");
  });

  it.each(["false", "false | cat", 'echo "$NOBODY_SET_THIS"'])(
    "fails where %s does",
    async (block) => {
      await expect(runBlock(block, {})).rejects.toThrow("A block of the runbook failed");
    },
  );
});
