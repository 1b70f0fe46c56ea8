import { Agent, fetch, type Dispatcher, type Response } from "undici";
import { KubeError, kubeErrorOf } from "./kube-error.ts";

export interface Endpoint {
  /** Such as `https://10.96.0.1:443`. */
  server: string;
  tls: {
    ca?: Buffer | string;
    cert?: Buffer | string;
    key?: Buffer | string;
    rejectUnauthorized?: boolean;
  };
  /** Asked before every call: tokens rotate. */
  authorize: () => Promise<Readonly<Record<string, string>>>;
}

export interface KubeCall {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: object;
  contentType?: string;
  signal?: AbortSignal;
}

/** The API server, reached through one pool of connections. */
export interface Connection {
  /** @throws KubeError */
  json<Answer>(call: KubeCall): Promise<Answer>;
  /**
   * The lines of a watch, as parsed JSON, until the server ends it.
   *
   * @throws KubeError, also where the connection breaks or nothing comes for `bodyTimeout`
   */
  lines(call: KubeCall): AsyncGenerator<unknown, void, void>;
  /** Told of every call: what tests compare RBAC with. */
  close(): Promise<void>;
}

const answerTimeoutMs = 15_000;

/** A bookmark comes every minute at least: half as long again without a byte, and the connection is dead. */
const silenceMs = 90_000;

export function connect(
  endpoint: Endpoint,
  onCall: (call: KubeCall) => void = () => undefined,
): Connection {
  const dispatcher = new Agent({
    // undici would speak HTTP/2 here, and hang for minutes on a connection that died.
    allowH2: false,
    headersTimeout: 10_000,
    bodyTimeout: silenceMs,
    keepAliveTimeout: 30_000,
    connect: { ...endpoint.tls, timeout: 5_000 },
  });
  const open = async (call: KubeCall, signal: AbortSignal | undefined) => {
    onCall(call);
    return openCall(endpoint, dispatcher, call, signal);
  };
  return {
    json: async <Answer>(call: KubeCall) => {
      const timeout = AbortSignal.timeout(answerTimeoutMs);
      const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
      const response = await open(call, signal);
      return (await readJson(response)) as Answer;
    },
    lines: async function* lines(call) {
      const response = await open(call, call.signal);
      yield* readLines(response);
    },
    close: () => dispatcher.destroy(),
  };
}

async function openCall(
  endpoint: Endpoint,
  dispatcher: Dispatcher,
  call: KubeCall,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const url = new URL(call.path, endpoint.server);
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
  const headers: Record<string, string> = {
    accept: "application/json",
    ...(await endpoint.authorize()),
  };
  if (call.body !== undefined) headers["content-type"] = call.contentType ?? "application/json";
  const body = call.body === undefined ? null : JSON.stringify(call.body);
  const response = await fetch(url, {
    method: call.method,
    headers,
    body,
    dispatcher,
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    throw unreachable(error);
  });
  if (response.ok) return response;
  const text = await response.text().catch(() => "");
  throw kubeErrorOf(response.status, text, response.headers.get("retry-after"));
}

/** Network trouble comes as a TypeError whose cause has the code. */
function unreachable(error: unknown): KubeError {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
  const what = cause?.code ?? (error instanceof Error ? error.message : String(error));
  return new KubeError("Unreachable", `The API server does not answer: ${what}`, {
    status: 0,
    cause: error,
  });
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text().catch((error: unknown) => {
    throw unreachable(error);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new KubeError("Malformed", "The API server's answer is not JSON", {
      status: response.status,
      cause: error,
    });
  }
}

/** A line of a watch holds one object; etcd bounds those at 1.5 MiB. */
const longestLine = 8 * 1024 * 1024;

async function* readLines(response: Response): AsyncGenerator<unknown, void, void> {
  if (response.body === null) return;
  const splitter = new LineSplitter(response.status);
  try {
    for await (const bytes of response.body) yield* splitter.push(bytes as Uint8Array);
  } catch (error) {
    throw error instanceof KubeError ? error : unreachable(error);
  }
}

/** Cuts bytes into lines of JSON, wherever the network cut them. */
class LineSplitter {
  readonly #decoder = new TextDecoder();
  readonly #status: number;
  #rest = "";

  constructor(status: number) {
    this.#status = status;
  }

  *push(bytes: Uint8Array): Generator<unknown, void, void> {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > longestLine) throw this.#malformed("has no end");
    for (const line of lines) if (line !== "") yield this.#parse(line);
  }

  #parse(line: string): unknown {
    try {
      return JSON.parse(line);
    } catch (error) {
      throw this.#malformed("is not JSON", error);
    }
  }

  #malformed(what: string, cause?: unknown): KubeError {
    return new KubeError("Malformed", `A line of a watch ${what}`, { status: this.#status, cause });
  }
}
