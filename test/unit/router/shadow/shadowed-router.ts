import { onTestFinished } from "vitest";
import type { ChatReply } from "../../../../src/openai/index.ts";
import type { ChatCall } from "../../../../src/providers/index.ts";
import { startRouter, type RouterParts } from "../../../../src/router/index.ts";
import type { BackendEntry, RouteEntry, TenantEntry } from "../../../../src/table/index.ts";
import { frames, makeParts, reply, settings, type Script } from "../../../support/router-parts.ts";
import { send, type Got } from "../../../support/send.ts";
import { backendEntry, byName, routeEntry, tenantEntry } from "../../routing/sample-entries.ts";
import { framesOf } from "../safety/filtered-router.ts";

const key = "sk-acme";
const sha256 = "5f8eee912cd7c0ccb238560e8a22e7f78909e6dac18288188f7f4ea35112700d";

/** Answers, and keeps what it was asked. */
export interface Spoken {
  asked: ChatCall[];
  script: Script;
}

export function saying(answer: (call: ChatCall) => ChatReply | Promise<ChatReply>): Spoken {
  const asked: ChatCall[] = [];
  const whole = async (call: ChatCall): Promise<ChatReply> => {
    asked.push(call);
    return answer(call);
  };
  const script = {
    chat: whole,
    stream: async (call: ChatCall) => frames(framesOf(await whole(call), 4)),
  };
  return { asked, script };
}

export const says = (text: string): Spoken => saying(() => reply({ text }));

interface Shadowed {
  /** Of the route `chat`, whose candidates are `cheap` and `base`, the baseline. */
  route?: Partial<RouteEntry>;
  backends?: Readonly<Record<string, Partial<BackendEntry>>>;
  /** A tenant, who alone may ask then. */
  tenant?: Partial<TenantEntry>;
  comparison?: NonNullable<RouteEntry["arms"]>["comparison"];
  parts?: Partial<RouterParts>;
}

/** A router whose every request is drawn for a shadow, over scripted backends; `judge` is the judge's. */
export async function shadowedRouter(
  speakers: Readonly<Record<"cheap" | "base" | "judge", Spoken>>,
  { route = {}, backends: changes = {}, tenant, comparison, parts: changed = {} }: Shadowed = {},
) {
  const entries = Object.keys(speakers).map((name) => backendEntry(name, changes[name]));
  const candidates = entries.filter(({ name }) => name !== "judge");
  const access = tenant === undefined ? "Anonymous" : "Tenants";
  const chat = routeEntry(candidates, {
    access,
    selection: "Ordered",
    arms: {
      shadowPercent: 100,
      controlPercent: 0,
      ...(comparison === undefined ? {} : { comparison }),
    },
    ...route,
  });
  const judge = routeEntry(
    entries.filter(({ name }) => name === "judge"),
    { name: "judge", models: ["judge-model"], access, selection: "Ordered" },
  );
  const acme = tenantEntry({ keys: [{ id: "laptop", sha256 }], ...tenant });
  const parts = makeParts(
    {
      schemaVersion: 1,
      group: { namespace: "shop", routerClass: "default" },
      backends: byName(entries),
      routes: { chat, judge },
      tenants: tenant === undefined ? {} : { acme },
      plans: {},
    },
    Object.fromEntries(Object.entries(speakers).map(([name, { script }]) => [name, script])),
    { settings: { ...settings, drainMs: 0 }, ...changed },
  );
  const router = await startRouter(parts);
  onTestFinished(async () => {
    await router.stop();
  });
  const ask = (content: string, more: object = {}): Promise<Got> =>
    send(router, {
      body: { model: "assistant", messages: [{ role: "user", content }], ...more },
      ...(tenant === undefined ? {} : { key }),
    });
  return { parts, router, ask };
}
