import type { Connection } from "../kube/index.ts";

/** Reads go through; a write of one who leads no more does not, and what waits for an answer ends. */
export function whileLeading(
  connection: Connection,
  { leads, over }: { leads: () => boolean; over: AbortSignal },
): Connection {
  return {
    ...connection,
    json: (call) => {
      if (over.aborted || (call.method !== "GET" && !leads()))
        return Promise.reject(new Error("This operator leads no more, and does nothing"));
      const signal = call.signal === undefined ? over : AbortSignal.any([call.signal, over]);
      return connection.json({ ...call, signal });
    },
  };
}
