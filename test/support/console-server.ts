// The console on an admin port of its own, with facts that a test chooses.
import fastify from "fastify";
import {
  GroupDesk,
  installConsole,
  type ConsoleParts,
  type Facts,
  type GroupStore,
} from "../../src/console/index.ts";
import { adminAccess } from "../../src/router/admin-access.ts";
import { factsOf, handClock } from "./console-facts.ts";

interface Choices {
  facts?: Facts;
  token?: string;
  store?: GroupStore;
  driftPage?: string;
}

export function consoleServer({ facts = factsOf(), token, store, driftPage }: Choices = {}) {
  const clock = handClock();
  const server = fastify({ logger: false });
  const parts: ConsoleParts = {
    gather: async () => facts,
    driftPage: async () => driftPage ?? null,
    group: new GroupDesk(store, clock),
    clock,
  };
  installConsole(server, adminAccess(token), parts);
  /** @param from the address that the caller has, as the router sees it */
  const ask = async (
    url: string,
    { from = "127.0.0.1", host = "localhost:8081", ...more }: Asking = {},
  ) => {
    const { method = "GET", headers = {}, payload } = more;
    const reply = await server.inject({
      method,
      url,
      remoteAddress: from,
      headers: { host, ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: reply.statusCode, headers: reply.headers, text: reply.body };
  };
  return { ask, clock };
}

interface Asking {
  from?: string;
  host?: string;
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  payload?: string;
}
