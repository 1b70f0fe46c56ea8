import { buildConnector, errors } from "undici";
import { guardedLookup } from "../../lib/index.ts";

/** Connects, TLS included, within `connectMs`, and to no address that a name may not lead to. */
export function boundedConnector(connectMs: number): buildConnector.connector {
  // undici's own bound is coarse, up to a second late: it only frees the socket.
  const connect = buildConnector({ allowH2: false, timeout: connectMs, lookup: guardedLookup });
  return (options, callback) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      const { hostname } = options;
      callback(new errors.ConnectTimeoutError(`No connection to ${hostname} in time`), null);
    }, connectMs);
    connect(options, (error, socket) => {
      clearTimeout(timer);
      if (late) socket?.destroy();
      else if (error === null) callback(null, socket);
      else callback(error, null);
    });
  };
}
