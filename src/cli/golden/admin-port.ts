import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { UsageError } from "../usage-error.ts";

const routeShape = z.object({
  name: z.string(),
  type: z.string(),
  models: z.array(z.string()),
  candidates: z.array(z.object({ backend: z.string() })),
  classifier: z.string().optional(),
});

const tableShape = z.object({
  digest: z.string(),
  group: z.object({ namespace: z.string(), routerClass: z.string() }),
  routes: z.array(routeShape),
});

/** Of a router's table, what a replay has to know. */
export type ServedTable = z.infer<typeof tableShape>;
export type ServedRoute = ServedTable["routes"][number];

const completionShape = z.object({
  choices: z.tuple([
    z.object({
      message: z.object({
        content: z.string().nullish(),
        tool_calls: z
          .array(z.object({ function: z.object({ name: z.string(), arguments: z.string() }) }))
          .optional(),
      }),
    }),
  ]),
});

const errorShape = z.object({
  error: z.object({ code: z.string().nullish(), message: z.string() }),
});

export type CompletionMessage = z.infer<typeof completionShape>["choices"][0]["message"];

/** What came of a replay. */
export type Replay = { requestId: string; costUsd: number; ms: number } & (
  | { message: CompletionMessage }
  /** An error's code. */
  | { failed: string }
);

export interface AdminPort {
  /** @throws UsageError where it cannot be had */
  table(): Promise<ServedTable>;
  /** Never rejects but where the signal is aborted. */
  replay(
    query: Readonly<Record<string, string>>,
    body: object,
    signal: AbortSignal,
  ): Promise<Replay>;
}

const longestReplayMs = 180_000;
const mostTries = 5;
const longestWaitMs = 5_000;

/** @param token shown as a bearer; absent: the caller is on loopback */
export function openAdminPort(url: string, token: string | undefined): AdminPort {
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return {
    table: () => readTable(url, headers),
    replay: async (query, body, signal) => {
      const place = new URL("/replay/chat/completions", url);
      place.search = new URLSearchParams(query).toString();
      const asked = { method: "POST", headers, body: JSON.stringify(body) };
      for (let tries = 1; ; tries += 1) {
        const got = await ask(place, asked, signal);
        if (!isCrowded(got) || tries === mostTries) return got;
        await sleep(Math.min(longestWaitMs, 500 * 2 ** tries), undefined, { signal });
      }
    },
  };
}

/** There is too much at the moment: an exam can wait. */
const isCrowded = (replay: Replay): boolean =>
  "failed" in replay && ["overloaded", "rate_limit_exceeded"].includes(replay.failed);

async function readTable(url: string, headers: Record<string, string>): Promise<ServedTable> {
  let answer: Response;
  try {
    answer = await fetch(new URL("/table", url), { headers, signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new UsageError(
      `There is no router's admin port at ${url}: ${cause instanceof Error ? cause.message : String(cause)}; name it with --url`,
    );
  }
  if (answer.status === 403)
    throw new UsageError(
      `The admin port at ${url} wants its token: write it to a file, and name that with --token-file`,
    );
  const table = tableShape.safeParse(await answer.json().catch(() => undefined));
  if (table.success) return table.data;
  throw new UsageError(`The router at ${url} has no table yet, or is none: try again in a moment`);
}

async function ask(place: URL, asked: RequestInit, signal: AbortSignal): Promise<Replay> {
  const began = performance.now();
  try {
    const bound = AbortSignal.any([signal, AbortSignal.timeout(longestReplayMs)]);
    const answer = await fetch(place, { ...asked, signal: bound });
    const body: unknown = await answer.json();
    const facts = {
      requestId: answer.headers.get("x-switchyard-request-id") ?? "",
      costUsd: Number(answer.headers.get("x-switchyard-cost-usd") ?? 0),
      ms: performance.now() - began,
    };
    return { ...facts, ...outcomeOf(body) };
  } catch {
    signal.throwIfAborted();
    return { requestId: "", costUsd: 0, ms: performance.now() - began, failed: "no_answer" };
  }
}

function outcomeOf(body: unknown): { message: CompletionMessage } | { failed: string } {
  const completion = completionShape.safeParse(body);
  if (completion.success) return { message: completion.data.choices[0].message };
  const error = errorShape.safeParse(body);
  return { failed: error.data?.error.code ?? "no_answer" };
}
