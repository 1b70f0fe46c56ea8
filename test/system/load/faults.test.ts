// Ten thousand requests against models of which three calls in ten go wrong, in every way there is.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  directorySink,
  readRecords,
  teeSink,
  type RequestRecord,
} from "../../../src/records/index.ts";
import { faultKinds, type CallRecord, type FaultKind } from "../../../src/simulators/index.ts";
import { KeptRecords } from "../../support/kept-records.ts";
import { inParallel, makeLoadClient, type Reply } from "../../support/load-client.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { isTrouble } from "../../support/log-trouble.ts";
import { startLocal } from "../../support/start-local.ts";
import { allFaults, explains, survivable } from "./injected-faults.ts";
import { countResources, settledResources } from "./resources.ts";

const requests = 10_000;
const width = 64;
const longestMs = 900_000;

// Far above what a busy machine needs, so that only injected faults run into them.
const timeouts = { firstToken: "30s", idle: "20s", total: "40s" };
const fallback = { totalTimeout: "3m" };
const backends = ["micro", "lite", "container", "tgi"] as const;
const resources = [
  ...backends.map((name) => backendOf(name, { timeouts })),
  routeOf("fast", ["micro", "container", "lite"], { fallback }),
  routeOf("own", ["container", "micro"], { fallback }),
  routeOf("plain", ["tgi", "lite"], { fallback }),
  routeOf("alone", ["lite"], { fallback }),
];
const routes = ["fast", "own", "plain", "alone"];

interface Asked {
  stream: boolean;
  reply: Reply;
  id: string;
}

interface ErrorAnswer {
  error: { code: string; attempts?: { backend: string; code: string }[] };
}

const asked: Asked[] = [];
const written = new Map<string, RequestRecord[]>();
let callsOf = new Map<string, CallRecord[]>();
let calls: CallRecord[] = [];
let dropped = 0;
let logged: string[] = [];
const warnings: string[] = [];
const memory: number[] = [];
let before: Record<string, number> = {};
let folder = "";

const onWarning = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);

beforeAll(async () => {
  before = countResources();
  process.on("warning", onWarning);
  folder = await mkdtemp(join(tmpdir(), "switchyard-records-"));
  const kept = new KeptRecords();
  const directory = directorySink(folder);
  const local = await startLocal({ resources, parts: { records: teeSink(kept, directory) } });
  for (const fault of allFaults) local.simulator.faults.set(fault);
  const client = makeLoadClient(local.url, width);
  const ask = async (index: number): Promise<void> => {
    // Whole and streamed alternate below the routes, so that each route gets both.
    const stream = Math.floor(index / routes.length) % 2 === 1;
    const reply = await client.post("/v1/chat/completions", {
      model: routes[index % routes.length],
      stream,
      max_tokens: 12,
      messages: [{ role: "user", content: `Question ${index}: what is ${index} plus 4?` }],
    });
    asked[index] = { stream, reply, id: String(reply.headers["x-switchyard-request-id"]) };
  };
  for (const half of [0, requests / 2]) {
    await inParallel(requests / 2, width, async (index) => ask(half + index));
    memory.push(process.memoryUsage().rss);
  }
  await kept.where(() => true, "all requests", requests);
  client.close();
  calls = local.simulator.calls();
  logged = local.log;
  await local.stop();
  dropped = directory.dropped();
  for await (const record of readRecords(folder, {
    onBroken: ({ problem }) => warnings.push(problem),
  })) {
    written.set(record.request_id, [...(written.get(record.request_id) ?? []), record]);
  }
  callsOf = Map.groupBy(calls, requestOf);
}, longestMs);

afterAll(async () => {
  process.off("warning", onWarning);
  await rm(folder, { recursive: true, force: true });
});

/** The router tells Bedrock in the body and SageMaker in a header whose call it is. */
function requestOf({ requestMetadata, amznHeaders }: CallRecord): string {
  const attributes = amznHeaders["x-amzn-sagemaker-custom-attributes"] ?? "";
  return (
    requestMetadata?.["request_id"] ??
    /request_id=(req_[0-9a-f]+)/.exec(attributes)?.[1] ??
    "nobody"
  );
}

const recordOf = (id: string): RequestRecord => written.get(id)![0]!;

/** What the client was told went wrong, in the body or at the end of the stream. */
function errorOf({ stream, reply }: Asked): ErrorAnswer["error"] | undefined {
  if (reply.status !== 200) return (JSON.parse(reply.text) as ErrorAnswer).error;
  if (!stream) return undefined;
  const last = reply.text.trimEnd().split("\n\n").at(-1)?.slice("data: ".length) ?? "";
  return last === "[DONE]" ? undefined : (JSON.parse(last) as ErrorAnswer).error;
}

/** The call that decided each attempt of a request; undefined where the models heard nothing of it. */
function decidingCalls({ request_id: id, attempts }: RequestRecord): (CallRecord | undefined)[] {
  const left = [...(callsOf.get(id) ?? [])];
  const take = (model: string): CallRecord | undefined => {
    const index = left.findIndex((call) => call.model === model);
    return index < 0 ? undefined : left.splice(index, 1)[0];
  };
  const taken = attempts.map(({ backend }) => {
    const model = models[backend as keyof typeof models];
    const call = take(model);
    // Told that its credentials have expired, a provider may call once more with new ones.
    return call?.fault === "expired-token" ? (take(model) ?? call) : call;
  });
  expect(left).toEqual([]);
  return taken;
}

function explained(call: CallRecord | undefined, code: string | null): boolean {
  if (call === undefined) return false;
  const fault = call.fault as FaultKind | undefined;
  if (code === null) return fault === undefined || survivable.has(fault);
  return fault !== undefined && explains[fault].includes(code);
}

const picoUsd = (usd: number | null): number => Math.round((usd ?? 0) * 1e12);

describe("ten thousand requests of which many meet faults", () => {
  it("meet every kind of fault, in about three calls of ten", () => {
    const met = calls.filter(({ fault }) => fault !== undefined);
    expect(new Set(met.map(({ fault }) => fault))).toEqual(new Set(Object.keys(faultKinds)));
    expect(met.length / calls.length).toBeGreaterThan(0.25);
    expect(met.length / calls.length).toBeLessThan(0.4);
  });

  it("are each answered once, under an id of their own", () => {
    expect(asked.filter(Boolean)).toHaveLength(requests);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(requests);
    for (const { id, reply } of asked) {
      expect(id).toMatch(/^req_[0-9a-f]{32}$/);
      expect(reply.headers["x-switchyard-attempts"]).toBe(String(recordOf(id).attempts.length));
    }
  });

  it("end each stream in exactly one way: [DONE], or an error", () => {
    for (const { stream, reply } of asked) {
      if (!stream || reply.status !== 200) continue;
      const events = reply.text.trimEnd().split("\n\n");
      const ends = events.filter((each) => /^data: (\[DONE\]|\{"error":)/.test(each));
      expect(ends).toHaveLength(1);
      expect(events.at(-1)).toBe(ends[0]);
    }
  });

  it("give each whole answer a reason to end and a body of its length", () => {
    for (const { stream, reply } of asked) {
      if (stream || reply.status !== 200) continue;
      expect(Buffer.byteLength(reply.text)).toBe(Number(reply.headers["content-length"]));
      const { choices } = JSON.parse(reply.text) as { choices: { finish_reason: string }[] };
      expect(choices).toHaveLength(1);
      expect(choices[0]?.finish_reason).toMatch(/^(stop|length|content_filter)$/);
    }
  });

  it("fail only where every attempt failed, and list them", () => {
    for (const each of asked) {
      const error = errorOf(each);
      const { attempts, status, error_type: told } = recordOf(each.id);
      expect(status).toBe(each.reply.status);
      expect(told).toBe(error?.code ?? null);
      if (error === undefined) {
        expect(attempts.at(-1)?.error_type).toBeNull();
        continue;
      }
      const failed = attempts.map(({ backend, error_type: code }) => ({ backend, code }));
      expect(error.attempts?.map(({ backend, code }) => ({ backend, code }))).toEqual(failed);
      expect(failed.every(({ code }) => code !== null)).toBe(true);
    }
  });

  it("have no attempt that failed without a fault, nor one that a fault should have failed", () => {
    const unexplained: string[] = [];
    let late = 0;
    for (const { id } of asked) {
      const record = recordOf(id);
      for (const [index, call] of decidingCalls(record).entries()) {
        const code = record.attempts[index]?.error_type ?? null;
        if (explained(call, code)) continue;
        // Where the machine itself stands still for a moment, a router rightly asks another backend.
        if (code === "slow_first_token") late += 1;
        else unexplained.push(`${id}: ${call?.fault} gave ${code}`);
      }
    }
    expect(unexplained).toEqual([]);
    expect(late).toBeLessThan(requests / 100);
    expect(callsOf.has("nobody")).toBe(false);
  });

  it("leave a valid record each, once", () => {
    expect(dropped).toBe(0);
    expect(written.size).toBe(requests);
    expect([...written.values()].filter((each) => each.length !== 1)).toEqual([]);
    expect(asked.filter(({ id }) => !written.has(id))).toEqual([]);
  });

  it("cost what their attempts cost", () => {
    for (const { id } of asked) {
      const { attempts, cost_usd: cost, tokens } = recordOf(id);
      const sum = attempts.reduce((total, each) => total + picoUsd(each.cost_usd), 0);
      expect(picoUsd(cost)).toBe(sum);
      const used = attempts.flatMap((each) => each.tokens ?? []);
      expect(tokens?.in ?? 0).toBe(used.reduce((total, each) => total + each.in, 0));
      expect(tokens?.out ?? 0).toBe(used.reduce((total, each) => total + each.out, 0));
    }
  });

  it("are charged the tokens that the models sent", () => {
    for (const { id } of asked) {
      const record = recordOf(id);
      for (const [index, call] of decidingCalls(record).entries()) {
        const { error_type: code, tokens } = record.attempts[index]!;
        // Bedrock alone tells in a stream's frames what it counts.
        const counted = call?.fault === undefined && call?.operation.startsWith("Converse");
        if (code === null && counted) expect(tokens?.out).toBe(call?.outputTokensSent);
      }
    }
  });

  it("leave no socket, timer or warning behind", async () => {
    expect(warnings).toEqual([]);
    expect(logged.filter(isTrouble)).toEqual([]);
    expect(await settledResources(before)).toEqual({});
  });

  it("need no more memory in the second half than a process gathers anyway", () => {
    const [first = 0, second = 0] = memory;
    // What the test itself keeps of replies, calls and records is in it.
    expect(second - first).toBeLessThan(300 * 1024 * 1024);
  });
});
