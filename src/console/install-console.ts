import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../lib/index.ts";
import type { Facts } from "./facts.ts";
import type { GroupDesk } from "./group/group-desk.ts";
import { pageFiles, readPageFile } from "./page-files.ts";
import { matching } from "./read-model/matching.ts";
import { viewOf } from "./read-model/view-of.ts";
import { consoleDocument } from "./render/document.ts";
import { absentDocument } from "./render/absent-document.ts";
import { closedDocument, loginDocument } from "./render/login-document.ts";
import { endedSession, Sessions } from "./session.ts";
import { SharedPages } from "./shared-pages.ts";
import { wishOf } from "./wish.ts";

/** Who may look at the inside of a router; the admin port knows. */
export interface ConsoleAccess {
  /** Callers on loopback, and those that send the token as a bearer. */
  mayLook: (request: FastifyRequest) => boolean;
  /** Compares in constant time. */
  isToken: (shown: string) => boolean;
  /** Undefined: nobody may look from afar. */
  token: string | undefined;
}

export interface ConsoleParts {
  /** Reads everything at one moment; never rejects. */
  gather: () => Promise<Facts>;
  /** The drift job's own page; null where there is none. */
  driftPage: () => Promise<string | null>;
  group: GroupDesk;
  clock: Clock;
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The drift report brings its own styles and drawings, and nothing that runs. */
const reportPolicy =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";

const headers = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
} as const;

const html = "text/html; charset=utf-8";
/** A token, and little else. */
const longestForm = 8 * 1_024;

/** `/console` and what belongs to it, and the way there from `/` for browsers. */
export function installConsole(
  server: FastifyInstance,
  access: ConsoleAccess,
  parts: ConsoleParts,
): void {
  server.get("/", async (request, reply) => {
    if ((request.headers.accept ?? "").includes("text/html")) return reply.redirect("/console");
    return reply.callNotFound();
  });
  const sessions = access.token === undefined ? undefined : new Sessions(access.token);
  const room: Room = { access, parts, sessions };
  void server.register(
    async (scope) => {
      scope.addHook("onRequest", async (_request, reply) => void reply.headers(headers));
      installFiles(scope);
      installPages(scope, room);
      installLogin(scope, room);
    },
    { prefix: "/console" },
  );
}

interface Room {
  access: ConsoleAccess;
  parts: ConsoleParts;
  /** Undefined where there is no token. */
  sessions: Sessions | undefined;
}

function installFiles(scope: FastifyInstance): void {
  for (const [name, type] of Object.entries(pageFiles)) {
    scope.get(`/${name}`, async (_request, reply) => {
      reply.type(type).header("cache-control", "private, max-age=60");
      return readPageFile(name);
    });
  }
}

function installPages(scope: FastifyInstance, room: Room): void {
  const { gather, driftPage, group, clock } = room.parts;
  const pages = new SharedPages(clock);
  const pageFor = async (query: unknown, hasSession: boolean): Promise<string> => {
    const wish = wishOf(query);
    const facts = await gather();
    const idle = { kind: group.isSetUp ? "unasked" : "off" } as const;
    const look = wish.scope === "group" ? await group.look(namesOf(facts)) : idle;
    return consoleDocument(viewOf(facts), facts.traffic.requests, look, wish, hasSession);
  };
  scope.get("/", async (request, reply) => {
    reply.type(html);
    if (!mayEnter(request, room)) return refuse(reply, room);
    const hasSession = !room.access.mayLook(request);
    return pages.get(`${hasSession} ${request.url}`, () => pageFor(request.query, hasSession));
  });
  const data = (path: string, read: (request: FastifyRequest) => Promise<unknown>) =>
    scope.get(path, async (request, reply) => {
      if (mayEnter(request, room)) return read(request);
      reply.code(403);
      return {
        error:
          "Ask from loopback (kubectl port-forward will do), or with the admin token as a bearer",
      };
    });
  data("/data.json", async () => viewOf(await gather()));
  data("/requests.json", async (request) =>
    matching((await gather()).traffic.requests, wishOf(request.query).filter),
  );
  data("/group.json", async () => group.look(namesOf(await gather())));
  scope.get("/drift.html", async (request, reply) => {
    reply.type(html);
    if (!mayEnter(request, room)) return refuse(reply, room);
    const page = await driftPage();
    if (page === null) return reply.code(404).send(absentDocument());
    reply.header("content-security-policy", reportPolicy);
    return page;
  });
}

function installLogin(scope: FastifyInstance, { access, parts, sessions }: Room): void {
  scope.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: longestForm },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
  scope.post("/login", async (request, reply) => {
    reply.type(html);
    if (sessions === undefined) return reply.code(403).send(closedDocument());
    const form = request.body;
    const shown = form instanceof URLSearchParams ? (form.get("token") ?? "") : "";
    if (!isOwnPage(request) || !access.isToken(shown)) {
      return reply.code(401).send(loginDocument(true));
    }
    reply.header("set-cookie", sessions.begin(parts.clock.now(), cameByTls(request)));
    return reply.redirect("/console", 303);
  });
  scope.post("/logout", async (request, reply) => {
    if (isOwnPage(request)) reply.header("set-cookie", endedSession());
    return reply.redirect("/console", 303);
  });
}

function mayEnter(request: FastifyRequest, { access, parts, sessions }: Room): boolean {
  if (access.mayLook(request)) return true;
  return sessions?.isOpen(request.headers.cookie, parts.clock.now()) ?? false;
}

function refuse(reply: FastifyReply, { sessions }: Room): string {
  reply.code(sessions === undefined ? 403 : 401);
  return sessions === undefined ? closedDocument() : loginDocument(false);
}

/** Another site's page must not send forms here. A browser that says nothing of it is old, and still needs the token. */
function isOwnPage({ headers: given }: FastifyRequest): boolean {
  const site = given["sec-fetch-site"];
  return site === undefined || site === "same-origin" || site === "none";
}

/** Set by a proxy in front; whoever else sets it only makes the own cookie stricter. */
const cameByTls = ({ headers: given }: FastifyRequest): boolean =>
  given["x-forwarded-proto"] === "https";

function namesOf({ table }: Facts) {
  const names = (entries: object) => new Set(Object.keys(entries));
  const { routes = {}, backends = {}, tenants = {} } = table?.entries ?? {};
  return { routes: names(routes), backends: names(backends), tenants: names(tenants) };
}
