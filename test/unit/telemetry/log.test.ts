import { describe, expect, it } from "vitest";
import { logKeys, makeLog } from "../../../src/telemetry/index.ts";

function collect(level?: "debug" | "info" | "warn" | "error") {
  const lines: Record<string, unknown>[] = [];
  const output = {
    write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>),
  };
  return { lines, log: makeLog(level === undefined ? { output } : { output, level }) };
}

describe("the operational log", () => {
  it("writes one JSON line with fixed keys and no more", () => {
    const { lines, log } = collect();
    log.info("Loading the table", { digest: "sha256:abc", count: 3 });
    expect(lines).toEqual([
      {
        level: "info",
        ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        message: "Loading the table",
        digest: "sha256:abc",
        count: 3,
      },
    ]);
  });

  it("writes message and code of an error, never its stack, cause or other members", () => {
    const { lines, log } = collect();
    const error = Object.assign(new Error("no such file", { cause: new Error("secret cause") }), {
      code: "ENOENT",
      body: "secret body",
    });
    log.error("Reading the table failed", { error, file: "table.json" });
    expect(lines[0]).toMatchObject({
      error: "no such file",
      error_code: "ENOENT",
      file: "table.json",
    });
    expect(
      Object.keys(lines[0] ?? {}).filter((key) => !["level", "ts", "message"].includes(key)),
    ).toEqual(expect.arrayContaining(["error", "error_code", "file"]));
    expect(JSON.stringify(lines)).not.toContain("secret");
    for (const key of ["error", "error_code", "file"]) expect(logKeys).toHaveProperty(key);
  });

  it.each([
    ["debug", ["debug", "info", "warn", "error"]],
    [undefined, ["info", "warn", "error"]],
    ["error", ["error"]],
  ] as const)("at level %s writes %j", (level, expected) => {
    const { lines, log } = collect(level);
    log.debug("Trying");
    log.info("Trying");
    log.warn("Trying");
    log.error("Trying");
    expect(lines.map((line) => line["level"])).toEqual(expected);
  });
});
