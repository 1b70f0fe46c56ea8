import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";

/** Who may look at the inside of a router. */
export interface AdminAccess {
  /**
   * Callers on loopback, or with the token as a bearer. On loopback the Host header must name it too: a page in
   * somebody's browser can be made to reach loopback under another name, and must not read this.
   */
  mayLook: (request: FastifyRequest) => boolean;
  /** Compares in constant time. */
  isToken: (shown: string) => boolean;
  /** Undefined: nobody may look from afar. */
  token: string | undefined;
}

const loopback = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function adminAccess(token: string | undefined): AdminAccess {
  const isToken = (shown: string) => token !== undefined && sameSecret(shown, token);
  const mayLook = (request: FastifyRequest): boolean => {
    const [scheme, shown] = (request.headers.authorization ?? "").split(" ", 2);
    if (token !== undefined && scheme?.toLowerCase() === "bearer" && shown !== undefined) {
      return isToken(shown);
    }
    return loopback.has(request.ip) && loopbackNames.has(request.hostname);
  };
  return { mayLook, isToken, token };
}

function sameSecret(left: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
