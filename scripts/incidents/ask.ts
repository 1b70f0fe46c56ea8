import { request, type Agent } from "node:http";

export interface Question {
  route: string;
  key: string;
  prompt: string;
  stream: boolean;
  maxTokens: number;
}

/** What a client saw of one request. */
export interface Seen {
  route: string;
  /** When it was sent, in milliseconds since the epoch. */
  at: number;
  /** What went wrong; undefined: nothing did. */
  problem: string | undefined;
  /** Until the first byte of the answer's body, in milliseconds. */
  firstByteMs: number;
  totalMs: number;
}

/** Longer than any route allows a request to take. */
const longestMs = 60_000;

/** Asks as an application does. Never rejects. */
export function ask(url: string, question: Question, agent: Agent): Promise<Seen> {
  const { route, key, prompt, stream, maxTokens } = question;
  const payload = JSON.stringify({
    model: route,
    messages: [{ role: "user", content: prompt }],
    max_tokens: maxTokens,
    stream,
  });
  const began = performance.now();
  const at = Date.now();
  return new Promise((resolve) => {
    let firstByteMs = 0;
    const end = (problem: string | undefined) =>
      resolve({ route, at, problem, firstByteMs, totalMs: performance.now() - began });
    const sending = request(`${url}/v1/chat/completions`, {
      agent,
      method: "POST",
      signal: AbortSignal.timeout(longestMs),
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(payload),
        authorization: `Bearer ${key}`,
      },
    });
    sending.on("error", (error) => end(error.message));
    sending.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        firstByteMs ||= performance.now() - began;
        text += part;
      });
      answer.on("error", (error) => end(error.message));
      answer.on("end", () => end(problemOf(answer.statusCode, stream, text)));
    });
    sending.end(payload);
  });
}

function problemOf(status: number | undefined, stream: boolean, text: string): string | undefined {
  if (status !== 200) return `status ${status}: ${text.slice(0, 200)}`;
  return stream && !text.includes("data: [DONE]") ? "the stream broke off" : undefined;
}
