import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { systemClock, type Clock } from "../lib/index.ts";

import { PromptCache } from "./bedrock/prompt-cache.ts";
import { CallLog, type CallRecord } from "./calls.ts";
import { simulatedModels, type SimulatedModel } from "./catalogue.ts";
import type { World } from "./dispatch.ts";
import { FaultBook } from "./faults/fault-book.ts";
import { receive, type House } from "./receive.ts";
import type { SimulatorCredentials } from "./signature.ts";

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Everything that looks like chance follows from it; default 1. */
  seed?: number;
  /** 1 (default) is the models' real speed, 20 twenty times quicker, Infinity without waits. */
  speed?: number;
  /** Default: one pair that opens nothing in the real world; see `Simulator.credentials`. */
  credentials?: readonly SimulatorCredentials[];
  /** Default: `simulatedModels`. */
  models?: readonly SimulatedModel[];
  clock?: Clock;
  /** Gets one line a call. */
  log?: (line: string) => void;
}

export interface Simulator {
  /** Such as http://127.0.0.1:4000: the endpoint of both services. */
  url: string;
  port: number;
  /** What a client should sign with. */
  credentials: SimulatorCredentials;
  faults: FaultBook;
  /** What was called, oldest first. */
  calls(): CallRecord[];
  /** Stops listening and cuts what is still open; settles within a second or so, and again at once. */
  close(): Promise<void>;
}

/** What a simulator takes where it was told nothing else; it opens nothing in the real world. */
const defaultCredentials: SimulatorCredentials = {
  accessKeyId: "SIMULATEDACCESSKEY",
  secretAccessKey: "simulated-secret-access-key",
};

/**
 * Starts Bedrock Runtime and SageMaker Runtime on one port.
 *
 * @throws the listening error of node:net, such as EADDRINUSE
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = "127.0.0.1", port = 0 } = options;
  const house = buildHouse(options);
  const server = createServer(
    { keepAliveTimeout: 60_000 },
    (request, response) => void receive(request, response, house),
  );
  await listen(server, port, host);
  const address = server.address() as AddressInfo;
  const { faults, calls, credentials } = house.world;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    credentials: credentials[0] ?? defaultCredentials,
    faults,
    calls: () => calls.list(),
    close: () => close(server, house),
  };
}

function buildHouse(options: SimulatorOptions): House {
  const {
    seed = 1,
    speed = 1,
    log = () => undefined,
    credentials = [defaultCredentials],
  } = options;
  if (!(speed > 0)) throw new RangeError(`The speed must be above 0, not ${speed}`);
  if (credentials.length === 0)
    throw new RangeError("A simulator needs at least one pair of credentials");
  const world: World = {
    models: options.models ?? simulatedModels,
    credentials,
    seed,
    clock: options.clock ?? systemClock,
    faults: new FaultBook(seed),
    calls: new CallLog(),
    cache: new PromptCache(),
    ordinal: 0,
  };
  return { world, speed, log, closing: new AbortController() };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function close(server: Server, house: House): Promise<void> {
  house.closing.abort(new Error("The simulator is closing"));
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
