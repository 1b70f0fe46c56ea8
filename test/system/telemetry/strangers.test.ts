// Whoever may call a router may call it anything: no name that a stranger makes up becomes a label.
import { afterAll, beforeAll, expect, it } from "vitest";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send, type Sending } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

let local: Local;

beforeAll(async () => {
  local = await startLocal({
    resources: [
      backendOf("micro"),
      routeOf("open", ["micro"]),
      routeOf("closed", ["micro"], { access: "Tenants" }),
      tenantOf("acme", "sy_a-key-of-acme"),
    ],
  });
});

afterAll(async () => local.stop());

/** What a stranger may choose freely, each with a name of its own. */
const made: readonly ((name: string) => Sending)[] = [
  (name) => ({ body: chatOf(name, "hello") }),
  (name) => ({ body: chatOf("closed", "hello"), key: `sy_${name}` }),
  (name) => ({ body: chatOf("closed", "hello"), headers: { authorization: `${name} ${name}` } }),
  (name) => ({ body: chatOf("open", "hello", { user: name, metadata: { [name]: name } }) }),
  (name) => ({ body: chatOf("open", "hello"), headers: { host: `${name}.example` } }),
  (name) => ({ body: chatOf("open", "hello"), headers: { "user-agent": name, [name]: name } }),
  (name) => ({ body: chatOf("open", "hello", { [name]: name }) }),
  (name) => ({ path: `/v1/${name}`, body: {} }),
  (name) => ({ method: "PUT", path: `/v1/${name}`, body: {} }),
  (name) => ({ path: "/v1/embeddings", body: { model: name, input: "hello" } }),
  (name) => ({ path: "/v1/feedback", body: { request_id: name, score: 1 } }),
  (name) => ({ body: `{"${name}` }),
];

async function callAs(names: readonly string[]): Promise<void> {
  for (const name of names) for (const make of made) await send(local, make(name));
}

/** Every series, without its value. */
async function series(): Promise<Set<string>> {
  const text = await (await fetch(`${local.adminUrl}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Set(lines.map((line) => line.slice(0, line.lastIndexOf(" "))));
}

it("strangers by the dozen add no series to those of the first few", async () => {
  await callAs(["stranger-a", "stranger-b"]);
  const before = await series();
  await callAs(Array.from({ length: 30 }, (_, index) => `stranger-${index}`));
  const after = await series();
  expect([...after].filter((each) => !before.has(each))).toEqual([]);
  expect([...after].filter((each) => each.includes("stranger"))).toEqual([]);
});
