// ClickHouse's engine, of a release, from PyPI: no server can be had there, so a few lines of Python put its HTTP
// interface before it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pythonWith } from "../python.ts";

export interface ClickHouse {
  url: string;
  /** Runs a statement, with the data of an INSERT behind it. */
  run: (statement: string, data?: string) => Promise<void>;
  stop: () => Promise<void>;
}

const engine = "chdb-core-lite==26.5.0";

/** With the table of docs/clickhouse in it, empty. */
export async function startClickHouse(): Promise<ClickHouse> {
  const python = await pythonWith([engine]);
  const script = new URL("clickhouse-engine.py", import.meta.url).pathname;
  const running = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await Promise.race([
    once(createInterface(running.stdout), "line"),
    once(running, "exit").then(([code]) => {
      throw new Error(`ClickHouse's engine ended with ${code}`);
    }),
  ])) as [string];
  const url = `http://127.0.0.1:${line}`;
  const run = async (statement: string, data = ""): Promise<void> => {
    const answer = await fetch(`${url}/?query=${encodeURIComponent(statement)}`, {
      method: "POST",
      body: data,
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  await run(await readFile("docs/clickhouse/switchyard_records.sql", "utf8"));
  return {
    url,
    run,
    stop: async () => {
      running.stdin.end();
      if (running.exitCode === null) await once(running, "exit");
    },
  };
}
