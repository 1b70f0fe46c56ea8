import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { refuseMalformed } from "../../../src/router/http-errors.ts";
import { InFlight } from "../../../src/router/in-flight.ts";
import { Receiving } from "../../../src/router/receiving.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const close of closing.splice(0)) close();
});

/** Both ends of a connection, neither of which closes because the other does. */
async function connection(): Promise<{ client: Socket; accepted: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  const [accepted] = (await once(server, "connection")) as [Socket];
  closing.push(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });
  return { client, accepted };
}

it("tells a client that its bytes are no HTTP, and frees the socket though the client keeps its side open", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { client, accepted } = await connection();
  const requests = { inFlight: new InFlight(), receiving: new Receiving() };
  refuseMalformed(new Error("Parse Error"), accepted, requests);
  let told = "";
  client.on("data", (data) => (told += String(data)));
  await once(client, "end");
  expect(told).toMatch(/^HTTP\/1\.1 400 /);
  expect(accepted.destroyed).toBe(false);
  await vi.runAllTimersAsync();
  expect(accepted.destroyed).toBe(true);
});
