import type { SwitchyardProcess } from "./switchyard-process.ts";

/** What makes Node listen for an inspector, on a thread that the program's own event loop knows nothing of. */
export const inspectable = { NODE_OPTIONS: "--inspect=127.0.0.1:0" };

const longestAnswerMs = 20_000;

interface Answer {
  id?: number;
  result?: { result?: { value?: unknown }; exceptionDetails?: { text: string } };
  error?: { message: string };
}

/** Looks into a process of Node that was started `inspectable`, without a line of code in it. */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer;
      this.#waiting.get(answer.id ?? -1)?.(answer);
    });
  }

  static async attach(process: SwitchyardProcess): Promise<Inspector> {
    const [, url = ""] = await process.prints(/Debugger listening on (ws:\/\/\S+)/, "stderr");
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error(`${url} does not answer`)));
    });
    return new Inspector(socket);
  }

  /** MiB of objects that are still reachable: garbage is collected first. */
  async heapMiB(): Promise<number> {
    // What finalizers let go of is garbage only afterwards.
    await this.#ask("HeapProfiler.collectGarbage");
    await this.#ask("HeapProfiler.collectGarbage");
    return (await this.#evaluate<number>("process.memoryUsage().heapUsed")) / 2 ** 20;
  }

  /** What keeps its event loop busy, by kind. */
  async resources(): Promise<Record<string, number>> {
    const kinds = await this.#evaluate<string[]>("process.getActiveResourcesInfo()");
    const counts: Record<string, number> = {};
    for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }

  /** A process that ends waits for its inspectors to leave. */
  close(): void {
    this.#socket.close();
  }

  async #evaluate<T>(expression: string): Promise<T> {
    const { result } = await this.#ask("Runtime.evaluate", { expression, returnByValue: true });
    const problem = result?.exceptionDetails?.text;
    if (problem !== undefined) throw new Error(`${expression}: ${problem}`);
    return result?.result?.value as T;
  }

  async #ask(method: string, parameters: object = {}): Promise<Answer> {
    const id = ++this.#asked;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    const timer = setTimeout(
      () => reject(new Error(`${method} was not answered`)),
      longestAnswerMs,
    );
    this.#socket.send(JSON.stringify({ id, method, params: parameters }));
    try {
      const answer = await promise;
      if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
      return answer;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }
}
