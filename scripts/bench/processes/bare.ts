// The limit of what a gateway on Node can do: takes a request with Node's http, sends it on with undici
// and the answer back, and looks at nothing. Arguments: the upstream's URL and the port to listen on.
import { createServer, type ServerResponse } from "node:http";
import { Pool, type Dispatcher } from "undici";

const [upstream = "", port = ""] = process.argv.slice(2);
const pool = new Pool(upstream, { connections: 256 });

function passTo(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    // Undici wants it there.
    onRequestStart: () => undefined,
    onResponseStart: (_controller, status, headers) => {
      const kept = ["content-type", "content-length"].map((name) => [name, headers[name]] as const);
      response.writeHead(status, Object.fromEntries(kept.filter(([, value]) => value)));
    },
    onResponseData: (_controller, chunk) => void response.write(chunk),
    onResponseEnd: () => void response.end(),
    onResponseError: () => void response.destroy(),
  };
}

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const options: Dispatcher.DispatchOptions = {
      path: request.url ?? "/",
      method: "POST",
      headers: { "content-type": "application/json" },
      body: Buffer.concat(parts),
    };
    pool.dispatch(options, passTo(response));
  });
});
server.listen(Number(port), "127.0.0.1");
