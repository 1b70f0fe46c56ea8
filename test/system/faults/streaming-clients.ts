import { Agent, request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";

/** How a stream ended for its client. */
export type StreamEnd = "under way" | "whole" | "in-band error" | "refused" | "connection lost";

/** One stream, from its request on; times are the monotonic clock's milliseconds. */
export interface StreamSeen {
  beganAt: number;
  /** Undefined until the answer has begun. */
  firstByteAt: number | undefined;
  endedAt: number | undefined;
  end: StreamEnd;
  /** The backend that answered last, and how many attempts there were. */
  backend: string;
  attempts: number;
  /** What came, where it was an error. */
  problem: string;
}

/** Clients that stream without a pause: where one stream has ended, the next takes its place. */
export interface StreamingClients {
  /** All of them, in the order of their beginnings. */
  readonly seen: readonly StreamSeen[];
  /** Lets those under way end. */
  stop(): Promise<void>;
}

const body = JSON.stringify({
  model: "either",
  stream: true,
  messages: [{ role: "user", content: "Count from 1 to 8" }],
});

/** As clients back off: a router that answers errors at once is not to be asked without a pause. */
const afterErrorMs = 500;

export function startStreaming(url: string, count: number): StreamingClients {
  const agent = new Agent({ keepAlive: true });
  const seen: StreamSeen[] = [];
  const stopping = new AbortController();
  const stream = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const one = begin();
      seen.push(one);
      await follow(one, url, agent);
      one.endedAt = performance.now();
      if (one.end !== "whole") await pause(afterErrorMs);
    }
  };
  const all = Array.from({ length: count }, stream);
  const stop = async () => {
    stopping.abort();
    await Promise.all(all);
    agent.destroy();
  };
  return { seen, stop };
}

const begin = (): StreamSeen => ({
  beganAt: performance.now(),
  firstByteAt: undefined,
  endedAt: undefined,
  end: "under way",
  backend: "",
  attempts: 0,
  problem: "",
});

async function follow(one: StreamSeen, url: string, agent: Agent): Promise<void> {
  try {
    const response = await post(url, agent);
    // The router answers with the first content.
    one.firstByteAt = performance.now();
    one.backend = String(response.headers["x-switchyard-backend"]);
    one.attempts = Number(response.headers["x-switchyard-attempts"]);
    const told = await text(response);
    one.end = endOf(response.statusCode ?? 0, told);
    if (one.end !== "whole") one.problem = told.slice(-1_000);
  } catch (error) {
    one.end = "connection lost";
    one.problem = String(error);
  }
}

function post(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": body.length };
    request(`${url}/v1/chat/completions`, { agent, method: "POST", headers }, resolve)
      .on("error", reject)
      .end(body);
  });
}

function endOf(status: number, told: string): StreamEnd {
  if (status !== 200) return "refused";
  if (told.endsWith("data: [DONE]\n\n")) return "whole";
  return /data: \{"error":.*\}\n\n$/.test(told) ? "in-band error" : "connection lost";
}
