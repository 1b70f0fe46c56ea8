import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { makeAuthority } from "../kube/certificates.ts";

/** What an API server calls: JSON over https, by a certificate of an authority of its own. */
export interface JsonServer {
  port: number;
  /** The authority's certificate in base64, as `caBundle` takes it. */
  caBundle: string;
  /** Cuts off whoever is still asking. */
  close: () => void;
}

/**
 * @param address where it listens
 * @param answer gets the path and the body, which is empty where there was none; undefined: not found
 */
export async function startJsonServer(
  address: string,
  answer: (path: string, body: string) => Promise<object | undefined>,
): Promise<JsonServer> {
  const { caBundle, ...keys } = await issueFor(address);
  const server = createServer(keys, (request, response) => {
    const respond = async (): Promise<void> => {
      const { pathname } = new URL(request.url ?? "/", "https://server");
      const found = await answer(pathname, await text(request));
      response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(found ?? {}));
    };
    respond().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, address);
  await once(server, "listening");
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as AddressInfo).port, caBundle, close };
}

async function issueFor(
  address: string,
): Promise<Required<Pick<ServerOptions, "cert" | "key">> & { caBundle: string }> {
  const folder = await mkdtemp(join(tmpdir(), "switchyard-json-server-"));
  try {
    const authority = await makeAuthority(folder);
    const holder = { commonName: "json-server", names: [`IP:${address}`] };
    const { certificate, key } = await authority.issue("json-server", holder);
    const caBundle = Buffer.from(authority.pem).toString("base64");
    return { cert: await readFile(certificate), key: await readFile(key), caBundle };
  } finally {
    await rm(folder, { recursive: true });
  }
}
