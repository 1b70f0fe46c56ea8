import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");

describe("npm start", () => {
  let records = "";
  let child: ChildProcess | undefined;

  beforeEach(() => {
    records = mkdtempSync(join(tmpdir(), "switchyard-start-"));
  });

  afterEach(() => {
    if (child?.exitCode === null && child.signalCode === null) signalGroup(child, "SIGKILL");
    rmSync(records, { recursive: true, force: true });
  });

  /** As a terminal does: Ctrl-C reaches npm, its shell and the program alike. */
  function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
    if (pid !== undefined) process.kill(-pid, signal);
  }

  function start(): { npm: ChildProcess; said: () => string } {
    const flags = ["--port", "0", "--admin-port", "0", "--record", records];
    const npm = spawn("npm", ["start", "--", ...flags], { cwd: root, detached: true });
    child = npm;
    let text = "";
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    }
    return { npm, said: () => text };
  }

  it("says what runs where and what to try, and ends with 0 after one Ctrl-C", async () => {
    const { npm, said } = start();
    await expect.poll(said, { timeout: 60_000 }).toMatch(/fault with its fallback.*\n.*curl/);
    expect(said()).toMatch(/API +http:\/\/127\.0\.0\.1:\d+\/v1/);
    expect(said()).toMatch(/admin +http:\/\/127\.0\.0\.1:\d+/);
    expect(said()).toMatch(/simulators +http:\/\/127\.0\.0\.1:\d+/);
    // Its baseline serves meanwhile.
    await expect
      .poll(said, { timeout: 120_000 })
      .toMatch(/Plan for assistant certified by \d+ labels: saves [1-9]\d* %/);
    const [, url] = /API +(http:\/\/[\d.:]+)/.exec(said()) ?? [];
    const body = { model: "assistant", messages: [{ role: "user", content: "What is 2 + 3?" }] };
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(answer.headers.get("x-switchyard-reason")).toBe("planned");
    await expect.poll(said).toMatch(/200 assistant → .*planned/);
    signalGroup(npm, "SIGINT");
    const [code, signal] = (await once(npm, "close")) as [number | null, NodeJS.Signals | null];
    expect({ code, signal }, said()).toEqual({ code: 0, signal: null });
  });
});
