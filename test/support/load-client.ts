import { Agent, request, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A client that costs little beside what it calls; it keeps at most `sockets` connections. */
export interface LoadClient {
  /** @throws the connection's error where the answer breaks off */
  post(path: string, body: object, headers?: Record<string, string>): Promise<Reply>;
  close(): void;
}

export function makeLoadClient(url: string, sockets = Number.POSITIVE_INFINITY): LoadClient {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const payload = JSON.stringify(body);
      const sending = request(`${url}${path}`, {
        agent,
        method: "POST",
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(payload),
          ...headers,
        },
      });
      sending.on("error", reject);
      sending.on("response", (response) => {
        text(response).then(
          (whole) =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text: whole }),
          reject,
        );
      });
      sending.end(payload);
    });
  return { post, close: () => agent.destroy() };
}

/** Does the work for 0 to count - 1, `width` of them at a time. */
export async function inParallel(
  count: number,
  width: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}
