import { createHash } from "node:crypto";
import type { Clock } from "../lib/index.ts";
import type { Connection } from "./connection.ts";
import { KubeError, type KubeErrorCode } from "./kube-error.ts";
import type { KubeObject } from "./kube-object.ts";
import { microTime } from "./micro-time.ts";
import { apiVersionOf, pathOf, resourceTypes } from "./resource-types.ts";

export interface EventNews {
  /** What it is about. */
  regarding: KubeObject;
  type: "Normal" | "Warning";
  /** A word for machines, such as `Programmed`. */
  reason: string;
  /** What was being done, such as `Publishing`. */
  action: string;
  /** A sentence for people. */
  note: string;
}

interface RecorderOptions {
  connection: Connection;
  /** Such as `switchyard.dev/operator`. */
  controller: string;
  instance: string;
  clock: Clock;
  onTrouble?: (error: unknown) => void;
}

const type = resourceTypes.Event;
/** Bytes. */
const longestNote = 1_024;
/** Others may count the same Event up at the same time. */
const countAttempts = 5;

/**
 * Writes Events, one for each thing that happened. The same news of the same object has the same name:
 * what is repeated counts up in its series and makes no second Event.
 */
export class EventRecorder {
  readonly #options: RecorderOptions;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Never rejects: an Event that cannot be written must not stop what it speaks of. */
  async record(news: EventNews): Promise<void> {
    try {
      await this.#create(news);
    } catch (error) {
      if (isCode(error, "AlreadyExists")) await this.#countUp(news);
      else this.#options.onTrouble?.(error);
    }
  }

  async #create(news: EventNews): Promise<void> {
    const { connection, clock, controller, instance } = this.#options;
    const { name, namespace, uid, resourceVersion } = news.regarding.metadata;
    const body = {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: { name: eventName(news), namespace: namespaceOf(news) },
      eventTime: microTime(clock.now()),
      reportingController: controller,
      reportingInstance: instance.slice(0, 128),
      type: news.type,
      reason: news.reason,
      action: news.action,
      note: cutToBytes(news.note, longestNote),
      regarding: {
        apiVersion: news.regarding.apiVersion,
        kind: news.regarding.kind,
        name,
        namespace,
        uid,
        resourceVersion,
      },
    };
    const path = pathOf(type, { namespace: namespaceOf(news) });
    await connection.json({ method: "POST", path, body });
  }

  async #countUp(news: EventNews): Promise<void> {
    for (let attempt = 1; attempt <= countAttempts; attempt += 1) {
      try {
        await this.#countOnce(news);
        return;
      } catch (error) {
        if (isCode(error, "Conflict") && attempt < countAttempts) continue;
        this.#options.onTrouble?.(error);
        return;
      }
    }
  }

  async #countOnce(news: EventNews): Promise<void> {
    const { connection, clock } = this.#options;
    const path = pathOf(type, { namespace: namespaceOf(news), name: eventName(news) });
    const event = await connection.json<CountedEvent>({ method: "GET", path });
    const body = {
      metadata: { resourceVersion: event.metadata.resourceVersion },
      series: {
        count: (event.series?.count ?? 1) + 1,
        lastObservedTime: microTime(clock.now()),
      },
    };
    const contentType = "application/merge-patch+json";
    await connection.json({ method: "PATCH", path, contentType, body });
  }
}

type CountedEvent = KubeObject & { series?: { count: number } };

function isCode(error: unknown, code: KubeErrorCode): boolean {
  return error instanceof KubeError && error.code === code;
}

/** Events of cluster-wide objects live in `default`. */
function namespaceOf({ regarding }: EventNews): string {
  return regarding.metadata.namespace ?? "default";
}

/** A DNS subdomain, as names must be, and the same for the same news. */
function eventName({ regarding, reason, action, note }: EventNews): string {
  const identity = JSON.stringify([regarding.metadata.uid, regarding.kind, reason, action, note]);
  const digest = createHash("sha256").update(identity).digest("hex").slice(0, 16);
  const start = regarding.metadata.name.slice(0, 200).replaceAll(/[^a-z0-9.-]/g, "-");
  return `${start.replace(/[.-]+$/, "")}.${digest}`;
}

/** The start of a text, without half a character at its end. */
function cutToBytes(text: string, longest: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(longest));
  return text.slice(0, read);
}
