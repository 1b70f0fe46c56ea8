import { createHash } from "node:crypto";
import type { Clock } from "../lib/index.ts";
import type { Connection } from "./connection.ts";
import { KubeError } from "./kube-error.ts";
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
const longestNote = 1_024;

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
      if (error instanceof KubeError && error.code === "AlreadyExists") await this.#countUp(news);
      else this.#options.onTrouble?.(error);
    }
  }

  async #create(news: EventNews): Promise<void> {
    const { connection, clock, controller, instance } = this.#options;
    const { regarding, reason, action } = news;
    const { name, namespace = "default", uid, resourceVersion } = regarding.metadata;
    const body = {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: { name: eventName(news), namespace },
      eventTime: microTime(clock.now()),
      reportingController: controller,
      reportingInstance: instance.slice(0, 128),
      type: news.type,
      reason,
      action,
      note: news.note.slice(0, longestNote),
      regarding: {
        apiVersion: regarding.apiVersion,
        kind: regarding.kind,
        name,
        namespace,
        uid,
        resourceVersion,
      },
    };
    await connection.json({ method: "POST", path: pathOf(type, { namespace }), body });
  }

  async #countUp(news: EventNews): Promise<void> {
    const { connection, clock, onTrouble } = this.#options;
    const { namespace = "default" } = news.regarding.metadata;
    const path = pathOf(type, { namespace, name: eventName(news) });
    try {
      const event = await connection.json<{ series?: { count: number } }>({ method: "GET", path });
      const series = {
        count: (event.series?.count ?? 1) + 1,
        lastObservedTime: microTime(clock.now()),
      };
      const contentType = "application/merge-patch+json";
      await connection.json({ method: "PATCH", path, contentType, body: { series } });
    } catch (error) {
      onTrouble?.(error);
    }
  }
}

/** Within the 253 characters of a name, and the same for the same news. */
function eventName({ regarding, reason, action, note }: EventNews): string {
  const identity = JSON.stringify([regarding.metadata.uid, regarding.kind, reason, action, note]);
  const digest = createHash("sha256").update(identity).digest("hex").slice(0, 16);
  return `${regarding.metadata.name.slice(0, 200)}.${digest}`;
}
