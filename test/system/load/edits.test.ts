// Two hundred edits of the YAML while requests come without a pause.
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readManifests } from "../../../src/api/index.ts";
import { compile } from "../../../src/compile/index.ts";
import { encodeTable } from "../../../src/table/index.ts";
import { makeLoadClient, type LoadClient, type Reply } from "../../support/load-client.ts";
import { backendOf, routeOf, type LocalResource } from "../../support/local-resources.ts";
import { startLocal, yamlOf, type Local } from "../../support/start-local.ts";

const edits = 200;
const width = 8;
const longestMs = 900_000;

/** No two are alike: the digest of each tells which one answered. */
function resourcesOf(number: number): LocalResource[] {
  return [
    backendOf("micro"),
    backendOf("lite"),
    routeOf("busy", number % 2 === 0 ? ["micro", "lite"] : ["lite", "micro"], {
      fallback: { totalTimeout: `${20_000 + number}ms` },
    }),
  ];
}

/** As if the edit were all that there had ever been. */
function digestOf(text: string): string {
  const { manifests, problems } = readManifests(text, "resources.yaml");
  expect(problems).toEqual([]);
  const group = { namespace: "default", routerClass: "default" };
  const settings = { endpointHosts: ["*"], allowLoopbackEndpoints: true, roleArns: ["*"] };
  return encodeTable(compile({ group, manifests, settings }).table).pointer.digest;
}

const texts = Array.from({ length: edits + 1 }, (_, number) => yamlOf(resourcesOf(number)));
const digests = texts.map(digestOf);

let local: Local;
let client: LoadClient;
const replies: (Reply & { stream: boolean })[] = [];
/** Digests of requests that began after their table was loaded. */
const served: { expected: string; seen: string }[] = [];

async function ask(number: number): Promise<string> {
  const stream = number % 2 === 0;
  const reply = await client.post("/v1/chat/completions", {
    model: "busy",
    stream,
    max_tokens: 12,
    messages: [{ role: "user", content: "What is 3 plus 4?" }],
  });
  replies.push({ ...reply, stream });
  return String(reply.headers["x-switchyard-table-digest"]);
}

async function save(text: string, number: number): Promise<void> {
  const file = join(local.folder, "resources.yaml");
  if (number % 3 === 0) return writeFile(file, text);
  // As most editors do; some of them show the draft to everybody.
  const draft = join(local.folder, number % 3 === 1 ? ".resources.yaml.new" : "resources.new");
  await writeFile(draft, text);
  return rename(draft, file);
}

/** Asks without a pause until `done` says so. */
async function keepAsking(lane: number, done: () => boolean): Promise<void> {
  for (let number = lane; !done(); number += 1) await ask(number);
}

beforeAll(async () => {
  local = await startLocal({ resources: resourcesOf(0) });
  client = makeLoadClient(local.url, width);
  let done = false;
  const lanes = Array.from({ length: width - 1 }, async (_, lane) => keepAsking(lane, () => done));
  for (let number = 1; number <= edits; number += 1) {
    await save(texts[number]!, number);
    // Every other edit follows on the heels of the one before.
    if (number % 2 === 1) continue;
    const expected = digests[number]!;
    await local.refreshed(({ digest }) => digest === expected);
    served.push({ expected, seen: await ask(number) });
  }
  done = true;
  await Promise.all(lanes);
  client.close();
}, longestMs);

afterAll(async () => local.stop());

describe("two hundred edits under load", () => {
  it("drop no request", () => {
    expect(replies.length).toBeGreaterThan(edits);
    const failed = replies.filter(
      ({ status, stream, text }) =>
        status !== 200 || (stream && !text.endsWith("data: [DONE]\n\n")),
    );
    expect(failed).toEqual([]);
  });

  it("serve nothing that was never published", () => {
    const published = new Set(digests);
    expect(published.size).toBe(edits + 1);
    const seen = new Set(
      replies.map(({ headers }) => String(headers["x-switchyard-table-digest"])),
    );
    expect([...seen].filter((digest) => !published.has(digest))).toEqual([]);
  });

  it("serve each table to every request that comes after its loading", () => {
    expect(served).toHaveLength(edits / 2);
    for (const { expected, seen } of served) expect(seen).toBe(expected);
  });

  it("load only what was published, and find nothing wrong with it", () => {
    const loaded = local.refreshes.map(({ digest }) => digest);
    expect(loaded.filter((digest) => !digests.includes(digest))).toEqual([]);
    expect(local.refreshes.flatMap(({ problems }) => problems)).toEqual([]);
    expect(local.log).toEqual([]);
  });

  it("leave a record each, with the table that it was served by", async () => {
    const records = await local.records.where(() => true, "all requests", replies.length);
    expect(records).toHaveLength(replies.length);
    const byId = new Map(records.map((record) => [record.request_id, record]));
    for (const { headers } of replies) {
      const record = byId.get(String(headers["x-switchyard-request-id"]));
      expect(record?.table_digest).toBe(headers["x-switchyard-table-digest"]);
    }
  });
});
