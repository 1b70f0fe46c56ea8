import { createServer, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type ChatCall, makeBedrock, type Provider } from "../../../src/providers/index.ts";
import { bedrockBackend, bedrockModels, transports } from "../../support/bedrock-backend.ts";
import { drain, failing } from "./contract/harness.ts";

const mebi = 1024 * 1024;
/** What a server gives that would never stop by itself: more than is taken of it, and less than hurts. */
const most = 512 * mebi;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Serves bytes without end, as fast as they are taken. */
async function endless(status: number, head: Buffer = Buffer.alloc(0)) {
  const served = { bytes: 0, url: "", left: Promise.resolve() };
  const server = createServer((request, response) => {
    request.resume();
    served.left = once(response, "close").then(() => undefined);
    response.writeHead(status, { "content-type": "application/json" }).write(head);
    pour(response, served);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return served;
}

function pour(response: ServerResponse, served: { bytes: number }): void {
  while (!response.destroyed && served.bytes < most) {
    served.bytes += mebi;
    if (!response.write(Buffer.alloc(mebi, " "))) {
      response.once("drain", () => pour(response, served));
      return;
    }
  }
}

function providerAt(endpoint: string): Provider {
  const credentials = async () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" });
  const provider = makeBedrock({ reach: () => ({ endpoint, credentials }) });
  closing.push(async () => provider.close());
  return provider;
}

const ask = (transport: "Lean" | "Sdk"): ChatCall => ({
  backend: bedrockBackend(bedrockModels.claude, { target: { transport } }),
  request: { model: "any", messages: [{ role: "user", content: "Hi" }] },
  metadata: {},
  signal: AbortSignal.timeout(30_000),
});

describe.each(transports)("an answer without an end, through %s", (transport) => {
  it.each([
    [200, "malformed_reply"],
    [400, "malformed_reply"],
    [503, "unavailable"],
  ] as const)("of status %i is read to a bound and left", async (status, code) => {
    const served = await endless(status);
    await expect(providerAt(served.url).chat(ask(transport))).rejects.toEqual(failing(code));
    await served.left;
    expect(served.bytes).toBeLessThan(most);
  });

  it("is left as a stream too, at a message that says it is huge", async () => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(2 ** 31);
    const served = await endless(200, length);
    const { failure } = await drain(providerAt(served.url).streamChat(ask(transport)));
    expect(failure).toEqual(failing("stream_broken"));
    await served.left;
    expect(served.bytes).toBeLessThan(most);
  });
});
