import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError, errorBody } from "../../openai/index.ts";
import { noteArrival, watchClient } from "../arrival.ts";
import { installBodyErrors } from "../http-errors.ts";
import type { RouterParts } from "../parts.ts";
import { newRequestId } from "../request-id.ts";
import { replayParts } from "./replay-parts.ts";
import { serveReplay } from "./serve-replay.ts";

/** More would be a load test, and take from users what backends have room for. */
const mostAtOnce = 32;

const path = "/replay/chat/completions";

/**
 * `POST /replay/chat/completions?route=R&candidate=B` of the admin port: what jobs ask golden sets by.
 *
 * @param mayAsk whether the caller may look inside
 */
export function installReplay(
  server: FastifyInstance,
  parts: RouterParts,
  mayAsk: (request: FastifyRequest) => boolean,
): void {
  const own = replayParts(parts);
  let underWay = 0;
  // In a scope of its own: other endpoints of the port read their bodies otherwise.
  void server.register(async (scope) => {
    scope.removeContentTypeParser("application/json");
    scope.addContentTypeParser("application/json", { parseAs: "string" }, (_request, text, done) =>
      done(null, text),
    );
    installBodyErrors(scope);
    scope.post<{ Body: string | undefined }>(
      path,
      { bodyLimit: parts.settings.maxBodyBytes },
      async (request, reply) => {
        const refusal = mayAsk(request) ? crowded(underWay) : closed();
        if (refusal !== undefined)
          return reply.code(refusal.status).headers(refusal.headers).send(errorBody(refusal));
        const { raw, query, body = "" } = request;
        const incoming = { id: newRequestId(), route: path, raw, response: reply.raw, body };
        const arrival = noteArrival(incoming, watchClient(reply.raw, raw.socket), own);
        underWay += 1;
        try {
          const replayed = await serveReplay(arrival, query, own);
          return await reply.code(replayed.status).headers(replayed.headers).send(replayed.body);
        } finally {
          underWay -= 1;
        }
      },
    );
  });
}

function crowded(underWay: number): ApiError | undefined {
  if (underWay < mostAtOnce) return undefined;
  return new ApiError(
    "overloaded",
    `There are ${mostAtOnce} replays under way, which is the most; try again in a moment`,
    { headers: { "retry-after": "1" } },
  );
}

const closed = (): ApiError =>
  new ApiError(
    "admin_only",
    "Ask from loopback (kubectl port-forward will do), or with the admin token as a bearer",
  );
