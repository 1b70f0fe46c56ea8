// From a request's head to the pipeline: sheds load, reads the body within its bounds, and hands over. What
// is refused on the way goes through the pipeline too, so that it leaves a record like every other end.
import type { IncomingMessage } from "node:http";
import type { ApiError } from "../openai/index.ts";
import { declaredLength, noteArrival, watchClient, type Incoming } from "./arrival.ts";
import { ShutDown } from "./client-gone.ts";
import type { HeldBody, HeldBytes } from "./held-bytes.ts";
import type { InFlight } from "./in-flight.ts";
import { overloaded, type LoadShedding, type ShedReason } from "./load-shedding.ts";
import type { Parse } from "./parse-stage.ts";
import type { RouterParts } from "./parts.ts";
import { serve } from "./pipeline.ts";
import { readBody, tooLarge, wrongMediaType } from "./read-body.ts";
import type { Receiving } from "./receiving.ts";

export interface House {
  parts: RouterParts;
  inFlight: InFlight;
  receiving: Receiving;
  held: HeldBytes;
  shedding: LoadShedding;
}

/** Serves a request from its head on: all of its response is written here. */
export function takeIn(incoming: Incoming, parse: Parse, house: House): void {
  const { raw, response } = incoming;
  const { maxBodyBytes } = house.parts.settings;
  // Before its body takes up room.
  const shed = house.shedding.reason(declaredLength(raw) ?? 0);
  if (shed !== undefined) {
    if (!isSoonRead(raw)) response.setHeader("connection", "close");
    shedRequest(shed, incoming, house);
    return;
  }
  const fault = headFault(raw, maxBodyBytes);
  if (fault === undefined) receive(incoming, parse, house);
  else refuse(fault, incoming, house);
}

function receive(incoming: Incoming, parse: Parse, house: House): void {
  const { raw, response } = incoming;
  const { maxBodyBytes, maxHeldBytes } = house.parts.settings;
  const held = house.held.open();
  const taken = { ...incoming, held };
  house.receiving.begin(raw, (fault) => {
    stop();
    refuse(fault, taken, house);
  });
  const stop = readBody(raw, maxBodyBytes, {
    took: (bytes) => {
      held.add(bytes);
      if (house.held.total <= maxHeldBytes || !house.receiving.end(raw)) return;
      stop();
      response.setHeader("connection", "close");
      shedRequest("bodies", taken, house);
    },
    failed: (fault) => refuse(fault, taken, house),
    whole: (body) => {
      // Others may have come while its body did.
      const shed = house.shedding.reason(0);
      if (shed === undefined) void handOver({ ...taken, body }, parse, house);
      else shedRequest(shed, { ...taken, body }, house);
    },
  });
}

/** What is wrong with a request before any of its body is read. */
function headFault(raw: IncomingMessage, mostBytes: number): ApiError | undefined {
  const { "content-type": type, "transfer-encoding": encoding } = raw.headers;
  const length = declaredLength(raw) ?? 0;
  const hasBody = length > 0 || encoding !== undefined;
  if (type === undefined ? hasBody : !isJson(type)) {
    return wrongMediaType();
  }
  return length > mostBytes ? tooLarge(mostBytes) : undefined;
}

const isJson = (type: string): boolean =>
  type === "application/json" || /^\s*application\/json\s*(?:;|$)/i.test(type);

/** Node reads a body that nobody wants to its end; a short one costs less than a new connection. */
const soonReadBytes = 64 * 1024;

function isSoonRead(raw: IncomingMessage): boolean {
  return (declaredLength(raw) ?? Infinity) <= soonReadBytes;
}

/** A request whose body may have come in, in part or whole. */
type Taken = Incoming & { held?: HeldBody };

function shedRequest(reason: ShedReason, taken: Taken, house: House): void {
  house.parts.telemetry.requestShed(reason);
  answerWith(overloaded(reason), taken, house);
}

/** What is left of a body that nobody reads would be taken for the next request. */
function refuse(fault: Error, taken: Taken, house: House): void {
  taken.response.setHeader("connection", "close");
  answerWith(fault, taken, house);
}

function answerWith(fault: Error, taken: Taken, house: House): void {
  const parse: Parse = () => {
    throw fault;
  };
  void handOver(taken, parse, house);
}

async function handOver(
  taken: Taken,
  parse: Parse,
  { parts, inFlight, receiving }: House,
): Promise<void> {
  const { raw, response, held } = taken;
  receiving.end(raw);
  if (inFlight.draining) response.setHeader("connection", "close");
  const gone = new AbortController();
  const arrival = noteArrival(taken, watchClient(response, raw.socket, gone), parts);
  const leave = inFlight.enter(response, () => gone.abort(new ShutDown()));
  try {
    await serve(arrival, parse, response, parts);
  } catch (error) {
    parts.onFault(error, taken.id);
    response.destroy();
  } finally {
    leave();
    held?.release();
  }
}
