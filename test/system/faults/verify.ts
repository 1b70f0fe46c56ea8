// One request of the matrix, held against what was expected of it.
import OpenAI from "openai";
import { expect, type ExpectStatic } from "vitest";
import { requestRecordSchema, type RequestRecord } from "../../../src/records/index.ts";
import { errorIn } from "../../support/send.ts";
import type { Cell } from "./cells.ts";
import { boundWords, type Expected } from "./expected.ts";
import { boundOf, type Bound, type Outcome } from "./outcome.ts";
import type { Seen } from "./seen.ts";
import type { Stage } from "./stage.ts";

export function verifyAttempts(
  { attempts }: RequestRecord,
  { headers }: Seen,
  expected: Expected,
): void {
  const told = attempts.map(({ kind, backend, error_type: code }) => ({ kind, backend, code }));
  expect(told).toEqual(expected.attempts);
  expect(headers.get("x-switchyard-attempts")).toBe(String(told.length));
  expect(headers.get("x-switchyard-backend")).toBe(told.at(-1)?.backend);
}

export function verifyClient(seen: Seen, cell: Cell, expected: Expected): void {
  if (expected.end === "answered") verifyAnswer(seen, cell);
  else verifyError(seen, cell, expected);
  if (expected.end === "refused") verifyRefusal(seen, cell, expected);
  if (expected.end === "broken") verifyBreak(seen);
}

function verifyAnswer(seen: Seen, { streamed }: Cell): void {
  expect(seen.error).toBeUndefined();
  expect(seen).toMatchObject({ status: 200, finishReason: "stop" });
  expect(seen.text).toMatch(/^1, 2, .* 30$/);
  if (streamed) expect(seen.raw).toMatch(/data: \[DONE\]\n\n$/);
}

/** What the openai package throws: with every attempt, and the words of the bound that ended the wait. */
function verifyError({ error }: Seen, { outcome }: Cell, expected: Expected): void {
  if (!(error instanceof OpenAI.APIError)) throw new Error("No APIError", { cause: error });
  const { type, code } = expected.failure ?? {};
  expect(error).toMatchObject({ type, code });
  const { attempts } = error.error as { attempts: unknown };
  expect(attempts).toMatchObject(
    expected.attempts.map(({ backend, code: each }) => ({ backend, code: each })),
  );
  const bound = boundOf(outcome);
  if (bound !== undefined) expect(error.message).toMatch(boundWords[bound]);
}

function verifyRefusal(seen: Seen, { outcome }: Cell, { failure }: Expected): void {
  expect(seen.status).toBe(failure?.status);
  errorIn({ text: seen.raw, headers: Object.fromEntries(seen.headers) });
  const wait = outcome.kind === "fails" ? outcome.retryAfter : undefined;
  expect(seen.headers.get("retry-after")).toBe(wait ?? null);
}

/** Content had come: the stream ends with the error as its last event, and does not claim to be done. */
function verifyBreak(seen: Seen): void {
  expect(seen.status).toBe(200);
  expect(seen.text).not.toBe("");
  expect(seen.finishReason).toBeNull();
  expect(seen.raw).not.toContain("[DONE]");
  expect(seen.raw).toMatch(/data: \{"error":.*\}\n\n$/);
}

export function verifyRecord(
  record: RequestRecord,
  seen: Seen,
  cell: Cell,
  expected: Expected,
): void {
  requestRecordSchema.parse(record);
  const { end, failure, attempts } = expected;
  const moved = attempts.some(({ kind }) => kind === "fallback");
  expect(record).toMatchObject({
    status: seen.status,
    error_type: end === "answered" ? null : failure?.code,
    level: levelOf(seen, expected),
    fallback_reason: moved ? failure?.fallsBackAs : null,
    finish_reason: seen.finishReason,
    client_aborted: false,
    bytes_out: Buffer.byteLength(seen.raw),
  });
  if (end === "refused") verifyUnanswered(record, boundOf(cell.outcome));
  else {
    expect(record.tokens?.out).toBeGreaterThan(0);
    expect(record.cost_usd).toBeGreaterThan(0);
  }
  if (end === "broken") expect(record.token_source).toBe("estimated");
}

/**
 * What fails by itself costs nothing; what we leave has been read by then, as far as anybody knows, and of an
 * answer that was to come whole some may have been written.
 */
function verifyUnanswered(record: RequestRecord, bound: Bound | undefined): void {
  // Whether a connection or an answer was waited for in vain, not every transport knows.
  if (bound === "connect") return;
  if (bound === undefined) {
    expect(record).toMatchObject({ tokens: null, cost_usd: 0, token_source: "none" });
    return;
  }
  expect(record.token_source).toBe("estimated");
  if (record.streaming) expect(record.tokens?.out).toBe(0);
  expect(record.tokens?.in).toBeGreaterThan(0);
  expect(record.cost_usd).toBeGreaterThan(0);
}

function levelOf({ status }: Seen, { end }: Expected): RequestRecord["level"] {
  if (end === "answered") return "info";
  return status >= 400 && status < 500 ? "warn" : "error";
}

/** For what follows at once, on a machine that has other things to do. */
const patience = { timeout: 20_000 };

/** The calls that were expected came, and none is left that nobody will read. */
export async function verifyUpstream(
  { poll }: ExpectStatic,
  { local, scripted }: Stage,
  cell: Cell,
  expected: Expected,
): Promise<void> {
  const [model] = cell.models;
  const callsOf = () => local.simulator.calls().filter((call) => call.model === model);
  await poll(() => callsOf().filter((call) => !call.finished), patience).toEqual([]);
  await poll(() => scripted.calls(model).open, patience).toBe(0);
  const struck = expected.attempts.filter(({ backend }) => backend !== "lite").length;
  const { type } = cell.row.upstream;
  const came = type === "scripted" ? scripted.calls(model).seen : callsOf().length;
  if (type === "unauthorised") expect(came).toBe(0);
  // On a busy machine a short bound may pass before the call has even arrived.
  else if (boundOf(cell.outcome) !== undefined) expect(came).toBeLessThanOrEqual(struck);
  else if (type === "scripted") expect(came).toBe(struck);
  // Credentials that were refused are renewed, and the call is made once more.
  else if (type === "simulated") expect(came).toBeGreaterThanOrEqual(struck);
}

interface Live {
  backend: string;
  failure_share: number;
}

/** What the router believes of the ill backend and does about it, and what it tells of that. */
export async function verifyState(
  { local }: Stage,
  { name, outcome }: Cell,
  expected: Expected,
): Promise<void> {
  const first = `${name}-first`;
  const counts = expected.failure?.counts ?? "no";
  const ejected = counts === "yes";
  const failing = counts === "no" ? 0 : 1;
  const { live } = (await (await fetch(`${local.adminUrl}/table`)).json()) as { live: Live[] };
  const seen = live.find(({ backend }) => backend === first);
  expect(seen).toMatchObject({
    state: ejected ? "open" : "closed",
    reason: ejected ? ejectionReason(outcome) : null,
    failures_in_row: ejected ? expected.firstFailures : 0,
    error_share: failing,
  });
  expect(Math.sign(seen?.failure_share ?? -1)).toBe(failing);
  const metrics = (await (await fetch(`${local.adminUrl}/metrics`)).text()).split("\n");
  expect(metrics).toContain(
    `switchyard_backend_state{switchyard_backend="${first}",switchyard_state="${ejected ? "open" : "closed"}"} 1`,
  );
  const counted = metrics.filter(
    (line) => line.startsWith("switchyard_attempts_total") && line.includes(`"${name}"`),
  );
  expect(counted.toSorted()).toEqual(
    expected.attempts.map((attempt) => sample(name, attempt)).toSorted(),
  );
}

/** Who says when to come back is left alone until then. */
function ejectionReason(outcome: Outcome): string {
  const isTold = outcome.kind === "fails" && outcome.code === "throttled" && outcome.retryAfter;
  return isTold ? "throttled" : "consecutive_failures";
}

function sample(route: string, { backend, kind, code }: Expected["attempts"][number]): string {
  const failed = code === null ? "" : `,error_type="${code}"`;
  return `switchyard_attempts_total{switchyard_backend="${backend}",switchyard_attempt_kind="${kind}",switchyard_route="${route}"${failed}} 1`;
}
