import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Contender, Launch } from "./contenders/contender.ts";
import { answerLength, chatBody } from "./http/payloads.ts";
import type { Job } from "./load/job.ts";
import { PinnedProcess } from "./pinned-process.ts";
import { freePort, type Stage } from "./stage.ts";

/** The slowest here takes most of this to import what it is made of. */
const startMs = 90_000;
const answerMs = 20_000;

/** A contender that answers as it should. */
export class RunningGateway {
  readonly process: PinnedProcess;
  /** Why no streams can be had from it. */
  streamProblem: string | null = null;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(process: PinnedProcess, url: string, headers: Launch["headers"]) {
    this.process = process;
    this.#url = url;
    this.#headers = headers;
  }

  /** @throws Error with its last words where it does not start, or answers otherwise than asked, streams aside */
  static async start(
    contender: Contender,
    stage: Stage,
    nodeFlags: readonly string[],
  ): Promise<RunningGateway> {
    const port = await freePort();
    const folder = await mkdtemp(join(stage.folder, `${contender.name}-`));
    const { upstream, bundle, cores } = stage;
    const launch = await contender.launch({ folder, bundle, port, upstream, nodeFlags });
    const process = new PinnedProcess({ core: cores.gateway, ...launch });
    const url = `http://127.0.0.1:${port}${launch.path}`;
    const gateway = new RunningGateway(process, url, launch.headers);
    try {
      await gateway.#untilAnswering();
      gateway.streamProblem = await gateway.#tryStream();
    } catch (error) {
      await process.stop();
      throw error;
    }
    return gateway;
  }

  job(stream: boolean, shape: Job["shape"], seconds: number): Job {
    return { url: this.#url, headers: this.#headers, body: chatBody(stream), shape, seconds };
  }

  async #untilAnswering(): Promise<void> {
    const giveUpAt = performance.now() + startMs;
    for (;;) {
      const answer = await this.#ask(false).catch((error: unknown) => String(error));
      if (typeof answer !== "string") return checkWhole(answer);
      if (!this.process.running || performance.now() > giveUpAt)
        throw new Error(`It did not start: ${answer}; ${this.process.complaint}`);
      await sleep(100);
    }
  }

  async #tryStream(): Promise<string | null> {
    const { status, text } = await this.#ask(true);
    const length = [...text.matchAll(/^data: *(\{.*\})\s*$/gm)]
      .map(([, json = ""]) => JSON.parse(json) as Chunk)
      .reduce((sum, { choices }) => sum + (choices[0]?.delta?.content?.length ?? 0), 0);
    if (status === 200 && length === answerLength && /^data: *\[DONE\]/m.test(text)) return null;
    return `It does not stream (status ${status}): ${text.slice(0, 500)}`;
  }

  async #ask(stream: boolean): Promise<Answer> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "content-type": "application/json", ...this.#headers },
      body: chatBody(stream),
      signal: AbortSignal.timeout(answerMs),
    });
    return { status: response.status, text: await response.text() };
  }
}

interface Answer {
  status: number;
  text: string;
}

interface Chunk {
  choices: { delta?: { content?: string | null } }[];
}

function checkWhole({ status, text }: Answer): void {
  if (status === 200) {
    const { choices } = JSON.parse(text) as { choices: { message: { content: string } }[] };
    if (choices[0]?.message.content.length === answerLength) return;
  }
  throw new Error(`It answers wrongly (status ${status}): ${text.slice(0, 500)}`);
}
