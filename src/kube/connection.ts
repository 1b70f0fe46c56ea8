import { Agent, fetch, type Dispatcher, type Response } from "undici";
import { JsonLines } from "./json-lines.ts";
import { KubeError, kubeErrorOf } from "./kube-error.ts";

export interface Endpoint {
  /** Such as `https://10.96.0.1:443`. */
  server: string;
  tls: {
    ca?: Buffer | string;
    cert?: Buffer | string;
    key?: Buffer | string;
    rejectUnauthorized?: boolean;
    /** Where the certificate names another host than the address. */
    servername?: string;
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
   * @param onOpen told once the server has taken the call, which may be long before the first line
   * @throws KubeError, also where the connection breaks or nothing comes for `silenceMs`
   */
  lines(call: KubeCall, onOpen?: () => void): AsyncGenerator<unknown, void, void>;
  /** Ends every call that is under way. */
  close(): Promise<void>;
}

/** How long the API server is waited for, in milliseconds. */
interface Patience {
  connectMs: number;
  headersMs: number;
  /** For a whole answer, other than a watch's. */
  answerMs: number;
  /** Without a byte of a watch. */
  silenceMs: number;
}

const usualPatience: Patience = {
  connectMs: 5_000,
  headersMs: 10_000,
  answerMs: 15_000,
  // A bookmark comes every minute at least: half as long again without a byte, and the connection is dead.
  silenceMs: 90_000,
};

/** @param onCall told of every call: what tests compare RBAC with */
export function connect(
  endpoint: Endpoint,
  onCall: (call: KubeCall) => void = () => undefined,
  patience: Partial<Patience> = {},
): Connection {
  const { connectMs, headersMs, answerMs, silenceMs } = { ...usualPatience, ...patience };
  const dispatcher = new Agent({
    // undici would speak HTTP/2 here, and hang for minutes on a connection that died.
    allowH2: false,
    headersTimeout: headersMs,
    bodyTimeout: silenceMs,
    keepAliveTimeout: 30_000,
    connect: { ...endpoint.tls, timeout: connectMs },
  });
  const open = async (call: KubeCall, signal: AbortSignal | undefined) => {
    onCall(call);
    return openCall(endpoint, dispatcher, call, signal);
  };
  return {
    json: async <Answer>(call: KubeCall) => {
      const timeout = AbortSignal.timeout(answerMs);
      const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
      const response = await open(call, signal);
      return (await readJson(response)) as Answer;
    },
    lines: async function* lines(call, onOpen) {
      const response = await open(call, call.signal);
      onOpen?.();
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
  // The server's address may have a path of its own, which stays.
  const url = new URL(endpoint.server.replace(/\/$/, "") + call.path);
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
  const headers: Record<string, string> = {
    // The keys of ServiceAccount tokens come as the second, and as nothing else.
    accept: "application/json, application/jwk-set+json",
    ...(await authorization(endpoint)),
  };
  if (call.body !== undefined) headers["content-type"] = call.contentType ?? "application/json";
  const body = call.body === undefined ? null : JSON.stringify(call.body);
  const response = await fetch(url, {
    method: call.method,
    headers,
    body,
    dispatcher,
    redirect: "manual",
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    throw unreachable(error);
  });
  if (response.ok) return response;
  const text = await response.text().catch(() => "");
  throw kubeErrorOf(response.status, text, response.headers.get("retry-after"));
}

async function authorization(endpoint: Endpoint): Promise<Readonly<Record<string, string>>> {
  try {
    return await endpoint.authorize();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubeError("Unauthorized", `The credentials cannot be had: ${why}`, {
      status: 0,
      cause: error,
    });
  }
}

/** Network trouble comes as a TypeError whose cause has the code; what an abort names comes as it is. */
function unreachable(error: unknown): KubeError {
  if (error instanceof KubeError) return error;
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

async function* readLines(response: Response): AsyncGenerator<unknown, void, void> {
  if (response.body === null) return;
  const splitter = new JsonLines();
  try {
    for await (const bytes of response.body) yield* splitter.push(bytes as Uint8Array);
  } catch (error) {
    throw unreachable(error);
  }
}
