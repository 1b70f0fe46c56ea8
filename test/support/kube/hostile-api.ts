import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Endpoint, KubeObject } from "../../../src/kube/index.ts";
import { ApiState, placeOf, type Place } from "./api-state.ts";
import { sendStatus, type Fault } from "./faults.ts";
import { HostileWatch } from "./hostile-watch.ts";

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  /** By `performance.now()`. */
  at: number;
}

export interface Exchange extends Call {
  place: Place;
  response: ServerResponse;
}

interface Ordered {
  fault: Fault;
  when: (call: Call) => boolean;
}

export const isWatch = ({ query }: Call): boolean => query.get("watch") === "true";
export const isList = (call: Call): boolean =>
  call.method === "GET" && !isWatch(call) && placeOf(call.path).name === undefined;

/**
 * An API server that keeps objects, lists and watches as a real one does, until it is told to do
 * otherwise: faults are ordered one by one, and each is played once.
 */
export class HostileApi {
  readonly state: ApiState;
  readonly calls: Call[] = [];
  readonly watches = new Set<HostileWatch>();
  /** Refuses `sendInitialEvents`, as servers before 1.32 do. */
  isOld = false;
  /** Takes `sendInitialEvents` and never says that the listing is over. */
  forgetsMarkers = false;
  /** How it says that a version is forgotten. */
  goneAs: "status" | "event" = "event";
  /** Objects a page of a listing, whatever was asked for. */
  pageSize = Number.POSITIVE_INFINITY;
  /** Cuts what watches get into pieces of so many bytes. */
  chunkBytes = Number.POSITIVE_INFINITY;
  #ordered: Ordered[] = [];
  readonly #pages = new Map<string, { items: KubeObject[]; version: number }>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #port = 0;

  private constructor(state: ApiState) {
    this.state = state;
  }

  /** @param state of another one: two ways to the same objects, of which one may be cut off */
  static async start(state = new ApiState()): Promise<HostileApi> {
    const api = new HostileApi(state);
    await api.listen();
    return api;
  }

  get endpoint(): Endpoint {
    const authorize = () => Promise.resolve({ authorization: "Bearer test" });
    return { server: `http://127.0.0.1:${this.#port}`, tls: {}, authorize };
  }

  /** Begins to take connections, again on the same port after `close`. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Resets every connection and refuses new ones. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Plays the fault at the next call that fits. */
  order(fault: Fault, when: (call: Call) => boolean = () => true): void {
    this.#ordered.push({ fault, when });
  }

  /** Takes back what was ordered and not yet played. */
  calm(): void {
    this.#ordered = [];
  }

  /** Faults that were ordered and not yet played. */
  get left(): number {
    return this.#ordered.length;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fake");
    const exchange: Exchange = {
      method: request.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      at: performance.now(),
      place: placeOf(url.pathname),
      response,
    };
    this.calls.push(exchange);
    const body = await text(request).catch(() => "");
    const found = this.#ordered.findIndex(({ when }) => when(exchange));
    const [ordered] = found === -1 ? [] : this.#ordered.splice(found, 1);
    if (ordered !== undefined) ordered.fault(exchange);
    else this.#answer(exchange, body === "" ? undefined : (JSON.parse(body) as KubeObject));
  }

  #answer(exchange: Exchange, body: KubeObject | undefined): void {
    if (isWatch(exchange)) this.#watch(exchange);
    else if (isList(exchange)) this.#list(exchange);
    else if (exchange.method === "GET") this.#get(exchange);
    else if (exchange.method === "DELETE") this.#delete(exchange, body);
    else if (body !== undefined) this.#write(exchange, body);
  }

  #watch(exchange: Exchange): void {
    const isListing = exchange.query.get("sendInitialEvents") === "true";
    if (isListing && this.isOld) return sendStatus(exchange, 422, { reason: "Invalid" });
    const from = Number(exchange.query.get("resourceVersion") ?? "0");
    const missed = isListing ? [] : this.state.changesSince(from, exchange.place);
    if (missed === undefined && this.goneAs === "status")
      return sendStatus(exchange, 410, { reason: "Expired" });
    const watch = new HostileWatch(exchange.response, this.chunkBytes);
    if (missed === undefined) return watch.endWithGone();
    if (isListing) this.#sendListing(exchange, watch);
    for (const change of missed) watch.send(change);
    return this.#follow(exchange, watch);
  }

  #sendListing({ place }: Exchange, watch: HostileWatch): void {
    for (const object of this.state.list(place)) watch.send({ type: "ADDED", object });
    if (!this.forgetsMarkers) watch.mark(this.state.version, { isEndOfListing: true });
  }

  #follow({ place, response }: Exchange, watch: HostileWatch): void {
    this.watches.add(watch);
    const stopListening = this.state.onChange(place, (change) => watch.send(change));
    response.on("close", () => {
      stopListening();
      this.watches.delete(watch);
    });
  }

  #list({ place, query, response }: Exchange): void {
    const [id, start] = (query.get("continue") ?? `${this.calls.length}:0`).split(":");
    const page = this.#pages.get(id ?? "") ?? {
      items: this.state.list(place),
      version: this.state.version,
    };
    this.#pages.set(id ?? "", page);
    const size = query.has("limit") ? this.pageSize : Number.POSITIVE_INFINITY;
    const end = Number(start) + size;
    // Items of a listing do not repeat what they have in common.
    const items = page.items
      .slice(Number(start), end)
      .map((item) => ({ ...item, kind: undefined, apiVersion: undefined }));
    const more = end < page.items.length ? { continue: `${id}:${end}` } : {};
    sendJson(response, 200, {
      metadata: { resourceVersion: String(page.version), ...more },
      items,
    });
  }

  #get(exchange: Exchange): void {
    const object = this.state.get(exchange.place);
    if (object === undefined) sendStatus(exchange, 404, { reason: "NotFound" });
    else sendJson(exchange.response, 200, object);
  }

  #delete(exchange: Exchange, options: KubeObject | undefined): void {
    const { uid } = (options?.["preconditions"] ?? {}) as { uid?: string };
    const object = this.state.get(exchange.place);
    if (object !== undefined && uid !== undefined && uid !== object.metadata.uid)
      return sendStatus(exchange, 409, { reason: "Conflict" });
    const deleted = this.state.delete(exchange.place);
    if (deleted === undefined) return sendStatus(exchange, 404, { reason: "NotFound" });
    return sendJson(exchange.response, 200, deleted);
  }

  #write(exchange: Exchange, body: KubeObject): void {
    const place = { ...exchange.place, name: exchange.place.name ?? body.metadata.name };
    const before = this.state.get(place);
    if (exchange.method === "POST" && before !== undefined)
      return sendStatus(exchange, 409, { reason: "AlreadyExists" });
    const { resourceVersion } = body.metadata;
    if (resourceVersion !== undefined && resourceVersion !== before?.metadata.resourceVersion)
      return sendStatus(exchange, 409, { reason: "Conflict" });
    const merged = exchange.method === "PATCH" ? { ...before, ...body } : body;
    const metadata = { ...before?.metadata, ...body.metadata };
    return sendJson(exchange.response, 200, this.state.put(place, { ...merged, metadata }));
  }
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}
