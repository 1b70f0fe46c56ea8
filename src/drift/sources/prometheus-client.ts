import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { backoffDelay } from "../../lib/index.ts";
import { type Point, type Sample, samplesOf, seriesOf } from "./prometheus-answer.ts";
import { orAborted } from "./within.ts";

/** A POST as it goes on the wire, for whoever signs it or adds to its headers. */
export interface PrometheusCall {
  /** As in the URL. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface PrometheusSettings {
  /** What `/api/v1/query` stands behind; without credentials. */
  url: string;
  /** The headers to send, `Authorization` among them; asked for each call. */
  authorize?: (call: PrometheusCall) => Promise<Readonly<Record<string, string>>>;
  /** The tenant of a store that has many: Mimir's, Cortex's and Thanos' X-Scope-OrgID. */
  orgId?: string;
  /** Certificates in PEM that are trusted in place of the system's. */
  ca?: string;
  /** What one query may take, in milliseconds, its repetitions included. */
  timeoutMs?: number;
  /** What one answer may hold. */
  mostBytes?: number;
}

/** Asks one Prometheus-compatible store. What goes wrong is thrown, in words for people. */
export interface PrometheusClient {
  /** @param at milliseconds since the epoch; absent: now */
  query(promql: string, asked: { at?: number; signal: AbortSignal }): Promise<Sample[]>;
  /** @param asked the first and the last point and what lies between two, in milliseconds */
  queryRange(
    promql: string,
    asked: { from: number; to: number; stepMs: number; signal: AbortSignal },
  ): Promise<{ labels: Readonly<Record<string, string>>; points: Point[] }[]>;
  close(): Promise<void>;
}

const tries = 3;
const pause = { baseMs: 250, ceilingMs: 2_000 };

/** Nothing is asked before the first query. */
export function prometheusClient(settings: PrometheusSettings): PrometheusClient {
  const { timeoutMs = 60_000, mostBytes = 64 * 1024 * 1024 } = settings;
  const agent = new Agent({
    allowH2: false,
    connections: 8,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: 5_000, ...(settings.ca === undefined ? {} : { ca: settings.ca }) },
  });
  const base = new URL(settings.url);
  const place = `${base.host}${base.pathname.replace(/\/+$/, "")}`;
  const ask = async (
    operation: string,
    fields: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<unknown> => {
    const body = new URLSearchParams({
      ...fields,
      timeout: `${timeoutMs}ms`,
      // Thanos would leave out the stores that it does not reach, and say so in a warning.
      partial_response: "false",
    });
    const late = AbortSignal.timeout(timeoutMs);
    const either = AbortSignal.any([signal, late]);
    const call = {
      agent,
      base,
      operation,
      body: Buffer.from(body.toString()),
      mostBytes,
      settings,
    };
    try {
      return await repeated(() => once(call, either), either);
    } catch (error) {
      if (late.aborted && !signal.aborted)
        throw new Error(`${place} did not answer a query within ${timeoutMs} ms`, { cause: error });
      throw error;
    }
  };
  return {
    query: async (promql, { at, signal }) => {
      const time: Record<string, string> = at === undefined ? {} : { time: seconds(at) };
      return samplesOf(await ask("query", { query: promql, ...time }, signal));
    },
    queryRange: async (promql, { from, to, stepMs, signal }) => {
      const range = { start: seconds(from), end: seconds(to), step: seconds(stepMs) };
      return seriesOf(await ask("query_range", { query: promql, ...range }, signal));
    },
    close: () => agent.destroy(),
  };
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

interface Call {
  agent: Agent;
  base: URL;
  operation: string;
  body: Buffer;
  mostBytes: number;
  settings: PrometheusSettings;
}

/** What another try may mend: too much asked at once, or a store that is just being replaced. */
class Passing extends Error {}

async function repeated<Value>(act: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Passing) || attempt >= tries) throw error;
      await sleep(backoffDelay(attempt - 1, pause, Math.random()), undefined, { signal });
    }
  }
}

async function once(call: Call, signal: AbortSignal): Promise<unknown> {
  const { agent, base, operation, body, mostBytes, settings } = call;
  const path = `${base.pathname.replace(/\/+$/, "")}/api/v1/${operation}`;
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    accept: "application/json",
    ...(settings.orgId === undefined ? {} : { "x-scope-orgid": settings.orgId }),
  };
  const authorized = await orAborted(
    settings.authorize?.({ path, headers, body }) ?? Promise.resolve(headers),
    signal,
  );
  const answer = await request(new URL(path, base.origin), {
    method: "POST",
    headers: authorized,
    body,
    dispatcher: agent,
    signal,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new Passing(`${base.host} cannot be reached: ${causeOf(error)}`, { cause: error });
  });
  const text = await readAll(answer.body, mostBytes, base.host);
  return dataOf({ status: answer.statusCode, text, host: base.host });
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return error.message === "" ? code : error.message;
}

async function readAll(body: AsyncIterable<Buffer>, most: number, host: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > most)
      throw new Error(
        `${host} answered a query with more than ${most} bytes: ask for fewer routes, or for the series of this group alone`,
      );
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

const passingStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The member `data` of a good answer. */
function dataOf({ status, text, host }: { status: number; text: string; host: string }): unknown {
  const answer = parsed(text);
  if (status === 200 && answer?.["status"] === "success") return answer["data"];
  // AWS's front door says `message` where Prometheus says `error`.
  const said = [answer?.["error"], answer?.["message"], excerpt(text)].find(isText);
  const sentence = `${host} answered ${status}: ${said}`;
  if (status === 200)
    throw new Error(`${host} answered with what is no result of a query: ${excerpt(text)}`);
  throw passingStatuses.has(status) ? new Passing(sentence) : new Error(sentence);
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === "string";

const excerpt = (text: string): string =>
  text.trim() === "" ? "nothing" : text.trim().replaceAll(/\s+/g, " ").slice(0, 200);
