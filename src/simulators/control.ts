import { err, ok, type Result } from "../lib/index.ts";

import type { World } from "./dispatch.ts";
import { parseFault, type Fault } from "./faults/fault.ts";

/** The unsigned side door, which AWS has not: everything under this path. */
export const controlPrefix = "/_control/";

export interface ControlReply {
  status: number;
  body: unknown;
}

type Handler = (world: World, body: Buffer, query: URLSearchParams) => ControlReply;

const handlers: Record<string, Handler> = {
  "GET faults": (world) => ({ status: 200, body: { faults: world.faults.list() } }),
  "POST faults": (world, body) => setFaults(world, body, false),
  "PUT faults": (world, body) => setFaults(world, body, true),
  "DELETE faults": (world) => ({ status: 200, body: { removed: world.faults.clear() } }),
  "GET calls": (world, _body, query) => ({
    status: 200,
    body: { calls: world.calls.list().slice(-limitOf(query)) },
  }),
  "DELETE calls": (world) => {
    world.calls.clear();
    return { status: 200, body: {} };
  },
  "GET models": (world) => ({ status: 200, body: { models: world.models } }),
};

const limitOf = (query: URLSearchParams): number => Math.max(1, Number(query.get("limit")) || 1000);

/** Answers a control request: faults can be read, added (POST), replaced (PUT) and removed, calls and models read. */
export function control(method: string, url: URL, body: Buffer, world: World): ControlReply {
  const resource = url.pathname.slice(controlPrefix.length).replace(/\/$/, "");
  const handler = handlers[`${method} ${resource}`];
  if (handler !== undefined) return handler(world, body, url.searchParams);
  const id = /^faults\/([a-z0-9]+)$/.exec(resource)?.[1];
  if (id !== undefined && method === "DELETE" && world.faults.clear(id) > 0)
    return { status: 200, body: { removed: 1 } };
  return unknownResource(method, resource, id);
}

function unknownResource(method: string, resource: string, id: string | undefined): ControlReply {
  if (id !== undefined && method === "DELETE")
    return { status: 404, body: { error: `No fault has the id ${id}.` } };
  const known = Object.keys(handlers).filter((key) => key.endsWith(` ${resource}`));
  if (known.length > 0)
    return {
      status: 405,
      body: { error: `${resource} takes ${known.map((key) => key.split(" ")[0]).join(", ")}.` },
    };
  return {
    status: 404,
    body: {
      error:
        "Known are /_control/faults, /_control/faults/ID, /_control/calls and /_control/models.",
    },
  };
}

function setFaults(world: World, body: Buffer, replace: boolean): ControlReply {
  const parsed = readFaults(body);
  if (!parsed.ok) return { status: 400, body: { error: parsed.error } };
  if (replace) world.faults.clear();
  return {
    status: replace ? 200 : 201,
    body: { faults: parsed.value.map((fault) => world.faults.set(fault)) },
  };
}

/** A fault, a list of faults, or `{faults: […]}`; all are read before any is set. */
function readFaults(body: Buffer): Result<Fault[], string> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    return err("The body is not valid JSON.");
  }
  const listed = (value as { faults?: unknown } | null)?.faults ?? value;
  const faults: Fault[] = [];
  for (const [index, each] of [listed].flat().entries()) {
    const parsed = parseFault(each);
    if (!parsed.ok) return err(`Fault ${index + 1}: ${parsed.error}`);
    faults.push(parsed.value);
  }
  return ok(faults);
}
