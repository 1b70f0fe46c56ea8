// Words that stand nowhere else are put wherever a request, an answer, an error or a key can hold them. Then all that
// leaves a router is searched for them: its outputs, its ports, what it exports and what it keeps.
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { s3Store } from "../../../src/records/index.ts";
import { startSimulator, type FaultKind, type Simulator } from "../../../src/simulators/index.ts";
import { backendOf, models, routeOf, tenantOf } from "../../support/local-resources.ts";
import {
  startObjectStore,
  type ObjectStoreServer,
} from "../../support/object-store/object-store-server.ts";
import { startOtlpSink, type OtlpSink } from "../../support/otlp-sink.ts";
import { RawConnection, rawRequest } from "../../support/raw-connection.ts";
import { send, type Got, type Sending } from "../../support/send.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess, type Ended } from "../../support/switchyard-process.ts";

const words = {
  system: "zqsystem7319",
  prompt: "zqprompt7319",
  part: "zqpart7319",
  answer: "zqanswer7319",
  call: "zqcall7319",
  result: "zqresult7319",
  tool: "zqtool7319",
  schema: "zqschema7319",
  stop: "zqstop7319",
  user: "zquser7319",
  metadata: "zqmetadata7319",
  person: "zqperson7319@example.com",
  input: "zqinput7319",
  comment: "zqcomment7319",
  provider: "zqprovider7319",
  malformed: "zqmalformed7319",
  query: "zqquery7319",
  baggage: "zqbaggage7319",
  cookie: "zqcookie7319",
  agent: "zqagent7319",
  key: "sy_zqkey7319-of-acme-for-telemetry",
  wrongKey: "sy_zqwrong7319-of-nobody",
  token: "zqtoken7319",
  adminToken: "zqadmin7319-of-the-admins",
} as const;

const jwt = [
  { alg: "RS256", kid: "k" },
  { iss: "https://issuer.example", sub: words.token },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".");
const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

const pii = { entities: ["Email"] };
const filtered = { name: "people", type: "Pii", stage: "Both", pii } as const;
const blocking = {
  name: "words",
  type: "WordList",
  stage: "Both",
  action: "Block",
  wordList: { words: ["forbidden"], wholeWords: true },
} as const;
const hedge = { afterPercentile: 1, maxSharePercent: 100 };
const expectations = { firstTokenP95: "10ms", tokensPerSecond: 100_000 };
const resources = [
  ...(["micro", "lite", "haiku", "sonnet"] as const).map((name) =>
    backendOf(name, { expectations }),
  ),
  backendOf("container"),
  backendOf("titan"),
  routeOf("mixed", ["micro", "container", "lite"]),
  routeOf("hosted", ["container"]),
  routeOf("hedged", ["micro", "haiku"], { fallback: { hedge } }),
  routeOf("redacted", ["micro"], { safety: [{ ...filtered, action: "Redact" }] }),
  routeOf("observed", ["micro"], { safety: [{ ...filtered, action: "Observe" }] }),
  routeOf("blocked", ["micro"], { safety: [blocking] }),
  routeOf("closed", ["micro"], { access: "Tenants" }),
  routeOf("shadowed", ["micro", "haiku"], {
    baseline: { name: "haiku" },
    arms: {
      shadowPercent: 50,
      comparison: { type: "Judge", judge: { route: { name: "grader" } } },
    },
  }),
  routeOf("grader", ["sonnet"]),
  routeOf("vectors", ["titan"], { type: "Embeddings" }),
  tenantOf("acme", words.key, { rateLimits: { requestsPerMinute: 3 } }),
];

let folder: string;
let simulator: Simulator;
let server: ObjectStoreServer;
let sink: OtlpSink;
let router: SwitchyardProcess;
let url: string;
let adminUrl: string;
let ended: Ended;
const got: Got[] = [];
/** All that left the router, by where. */
const outputs = new Map<string, string>();

/** A chat with words in all its places, whose answer repeats one of them. */
const chat = (model: string, more: object = {}) => ({
  model,
  max_tokens: 64,
  user: words.user,
  metadata: { note: words.metadata },
  stop: [words.stop],
  messages: [
    { role: "system", content: words.system },
    { role: "user", content: [{ type: "text", text: `${words.prompt} of ${words.person}` }] },
    {
      role: "assistant",
      content: null,
      tool_calls: [
        {
          id: "call_1",
          type: "function",
          function: { name: "look_up", arguments: JSON.stringify({ what: words.call }) },
        },
      ],
    },
    { role: "tool", tool_call_id: "call_1", content: words.result },
    { role: "assistant", content: words.part },
    { role: "user", content: `repeat: ${words.answer} and ${words.person}` },
  ],
  tools: [
    {
      type: "function",
      function: {
        name: "look_up",
        description: words.tool,
        parameters: { type: "object", properties: { [words.schema]: { type: "string" } } },
      },
    },
  ],
  ...more,
});

const headers = {
  baggage: `said=${words.baggage}`,
  cookie: `said=${words.cookie}`,
  "user-agent": words.agent,
};

async function ask(sending: Sending, to = url): Promise<Got> {
  const answer = await send(
    { url: to },
    { ...sending, headers: { ...headers, ...sending.headers } },
  );
  got.push(answer);
  return answer;
}

async function askBoth(model: string, more: object = {}, sending: Sending = {}): Promise<void> {
  for (const stream of [false, true])
    await ask({ ...sending, body: chat(model, { ...more, stream }) });
}

/** Each with the provider's words repeating what was said, as some do. */
const faults: readonly FaultKind[] = [
  "throttling",
  "validation-error",
  "internal-error",
  "access-denied",
  "model-error",
  "service-quota",
  "exception-frame",
  "error-frame",
  "cut",
  "bad-crc",
];

async function askAmidFaults(): Promise<void> {
  for (const kind of faults) {
    for (const [route, model] of [
      ["mixed", models.micro],
      ["hosted", models.container],
    ] as const) {
      simulator.faults.set({ model, kind, count: 2, message: `It said ${words.provider}` });
      await askBoth(route);
      simulator.faults.clear();
    }
  }
  simulator.faults.set({ model: "*", kind: "validation-error", message: words.provider });
  await askBoth("mixed");
  simulator.faults.clear();
}

async function askWrongly(): Promise<void> {
  await ask({ body: `{"model": "mixed", "messages": "${words.malformed}` });
  await ask({ body: { model: "mixed", messages: [{ role: words.malformed, content: 1 }] } });
  await ask({ body: { model: "mixed", [words.malformed]: words.malformed, messages: [] } });
  await ask({ path: `/v1/chat/completions?said=${words.query}`, body: chat("mixed") });
  await ask({ path: `/v1/nothing?said=${words.query}`, body: chat("mixed") });
  await ask({ body: words.malformed, headers: { "content-type": "text/plain" } });
  await ask({ body: chat("mixed"), headers: { traceparent: `00-${words.malformed}-1-01` } });
  for (const credential of [words.wrongKey, `${jwt}.c2lnbmVk`, words.token])
    await ask({ body: chat("closed"), headers: bearer(credential) });
  await ask({ body: chat("closed"), headers: { authorization: `Basic ${words.wrongKey}` } });
}

async function judge(): Promise<void> {
  const id = got[0]?.requestId;
  const path = "/v1/feedback";
  await ask({ path, body: { request_id: id, score: 0.5, comment: words.comment } });
  await ask({ path, body: { request_id: words.comment, score: 2, comment: words.comment } });
}

/** What people may see of it. */
async function lookIntoAdminPort(): Promise<void> {
  const body = chat("mixed");
  const secret = bearer(words.adminToken);
  await ask(
    { path: "/replay/chat/completions?route=mixed&candidate=micro", body, headers: secret },
    adminUrl,
  );
  const explained = await send({ url: adminUrl }, { path: "/explain", body, headers: secret });
  outputs.set("/explain", explained.text);
  expect(explained.status).toBe(200);
  for (const path of [
    "/metrics",
    "/table",
    "/readyz",
    "/console",
    "/console/data.json",
    "/console/requests.json",
  ]) {
    const { status, text } = await send(
      { url: adminUrl },
      { method: "GET", path, headers: secret },
    );
    expect(status, path).toBe(200);
    outputs.set(path, text);
  }
}

async function leave(): Promise<void> {
  const raw = await RawConnection.open({ url });
  simulator.faults.set({ model: "*", kind: "stall", count: 1, afterFrames: 2 });
  raw.write(rawRequest(chat("mixed", { stream: true })));
  await raw.until(() => (raw.received.includes("data: ") ? true : undefined), "a frame");
  raw.leave();
  simulator.faults.clear();
}

async function startRouter(): Promise<void> {
  const folders = ["--config", join(folder, "config"), "--record", join(folder, "records")];
  const ports = ["--host", "127.0.0.1", "--port", "0", "--admin-host", "127.0.0.1"];
  router = new SwitchyardProcess(["router", ...folders, ...ports, "--admin-port", "0"], {
    ...server.environment,
    AWS_ENDPOINT_URL: simulator.url,
    SWITCHYARD_ADMIN_TOKEN: words.adminToken,
    SWITCHYARD_LOG_LEVEL: "debug",
    SWITCHYARD_RECORDS: "stdout",
    SWITCHYARD_EMF: "true",
    SWITCHYARD_RECORD_S3: `s3://${server.bucket}/planted`,
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
  });
  url = await router.addressOf("API");
  adminUrl = await router.addressOf("admin port");
}

async function gather(): Promise<void> {
  outputs.set("standard output", ended.stdout);
  outputs.set("standard error", ended.stderr);
  outputs.set("OTLP", sink.bodies.join("\n"));
  const unpacked: string[] = [];
  for (const file of globSync("**/*.gz", { cwd: join(folder, "records") })) {
    const bytes = await readFile(join(folder, "records", file));
    unpacked.push(file, gunzipSync(bytes).toString("utf8"));
  }
  outputs.set("the folder of records", unpacked.join("\n"));
  const { bucket, region, endpoint } = server;
  const store = await s3Store({ bucket, prefix: "planted/", region, endpoint });
  const objects: string[] = [];
  for await (const path of store.list(""))
    objects.push(path, gunzipSync(await buffer(await store.open(path))).toString("utf8"));
  store.close();
  outputs.set("the bucket of records", objects.join("\n"));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-planted-"));
  await mkdir(join(folder, "config"));
  await writeFile(join(folder, "config", "resources.yaml"), yamlOf(resources));
  simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
  server = await startObjectStore(simulator.credentials);
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
  sink = await startOtlpSink();
  await startRouter();
  await askBoth("mixed");
  for (const route of ["hosted", "hedged", "redacted", "observed", "shadowed"])
    await askBoth(route);
  await askBoth("blocked", {
    messages: [{ role: "user", content: `forbidden ${words.prompt}` }],
  });
  await askBoth("blocked", {
    messages: [{ role: "user", content: `repeat: forbidden ${words.answer}` }],
  });
  for (let times = 0; times < 3; times += 1) await askBoth("closed", {}, { key: words.key });
  await ask({ path: "/v1/embeddings", body: { model: "vectors", input: [words.input] } });
  await askAmidFaults();
  await askWrongly();
  await judge();
  await leave();
  await router.prints(/"stream":"label"[^\n]*"source":"shadow"/);
  await lookIntoAdminPort();
  router.signal("SIGTERM");
  ended = await router.ended();
  await gather();
}, 180_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await router?.kill();
  await sink?.close();
  await server?.stop();
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("what was said, and what keys say who said it", () => {
  it("has been said: answers of all sorts came, whole and streamed", () => {
    const statuses = new Set(got.map(({ status }) => status));
    for (const status of [200, 400, 401, 404, 429])
      expect(statuses, String(status)).toContain(status);
    expect([...statuses].some((status) => status >= 500)).toBe(true);
    const answered = got.filter(({ text }) => text.includes(words.answer));
    expect(answered.some(({ text }) => text.startsWith("data: "))).toBe(true);
    expect(answered.some(({ text }) => text.startsWith("{"))).toBe(true);
    for (const told of ['"stream":"safety"', '"stream":"label"', '"arm":"judge"', '"arm":"golden"'])
      expect(ended.stdout).toContain(told);
    expect(ended.code).toBe(0);
  });

  it.each(["standard output", "the folder of records", "the bucket of records", "OTLP"])(
    "would be found in %s: a request's id is",
    (place) => {
      expect(outputs.get(place)).toContain(got[0]?.requestId);
    },
  );

  it.each(["/console", "/console/requests.json"])("would be found at %s: requests are", (path) => {
    const shown = got.filter(({ requestId }) => outputs.get(path)?.includes(requestId));
    expect(shown.length).toBeGreaterThan(0);
  });

  it.each(Object.entries(words))("leaves the router nowhere (%s)", (_what, word) => {
    const forms = [word, Buffer.from(word).toString("base64").replaceAll("=", "").slice(0, -1)];
    const places = [...outputs].filter(([, text]) => forms.some((form) => text.includes(form)));
    expect(places.map(([place]) => place)).toEqual([]);
  });

  it("does not leave with credentials for AWS, nor with a whole token", () => {
    for (const secret of [simulator.credentials.secretAccessKey, jwt]) {
      const places = [...outputs].filter(([, text]) => text.includes(secret));
      expect(places.map(([place]) => place)).toEqual([]);
    }
  });
});
