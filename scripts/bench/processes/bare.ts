// The limit for a gateway on Node: takes a request with Node's http, passes it on with undici, headers
// and body as they come, and the answer back likewise. It reads nothing, and neither keeps nor tells
// anything. Arguments: the upstream's URL and the port to listen on.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Pool } from "undici";

const [upstream = "", port = ""] = process.argv.slice(2);
const pool = new Pool(upstream);

async function passOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Both belong to the connection with the client.
  const { host: _host, connection: _connection, ...headers } = request.headers;
  const path = request.url ?? "/";
  const answer = await pool.request({ path, method: "POST", headers, body: request });
  response.writeHead(answer.statusCode, answer.headers);
  answer.body.on("error", () => response.destroy()).pipe(response);
}

createServer((request, response) => {
  passOn(request, response).catch(() => response.destroy());
}).listen(Number(port), "127.0.0.1");
