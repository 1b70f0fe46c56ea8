import { backoffDelay, systemClock } from "../lib/index.ts";
import {
  apiVersionOf,
  applyObject,
  microTime,
  resourceTypes,
  type Connection,
} from "../kube/index.ts";
import { acknowledgementAnnotations, groupLabels, managedBy } from "../table/index.ts";
import type { PodIdentity } from "./pod-identity.ts";

/** What a router says of the table that it serves. */
export interface Acknowledged {
  digest: string | undefined;
  error: string | undefined;
}

const leaseSeconds = 45;
const renewMs = 15_000;
const retry = { baseMs: 1_000, ceilingMs: 10_000 };
const longestError = 1_024;

const type = resourceTypes.Lease;

/**
 * Tells the operator which table this router serves, by a Lease named after the pod and owned by it,
 * so that it goes when the pod goes. What is told anew is written at once; the same is renewed.
 */
export class Acknowledgement {
  readonly #connection: Connection;
  readonly #pod: PodIdentity;
  readonly #routerClass: string;
  readonly #onTrouble: (error: unknown) => void;
  #told: Acknowledged = { digest: undefined, error: undefined };
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #writing = false;
  #again = false;
  #stopped = false;

  constructor(options: {
    connection: Connection;
    pod: PodIdentity;
    routerClass: string;
    onTrouble: (error: unknown) => void;
  }) {
    this.#connection = options.connection;
    this.#pod = options.pod;
    this.#routerClass = options.routerClass;
    this.#onTrouble = options.onTrouble;
  }

  tell(acknowledged: Acknowledged): void {
    const { digest, error } = this.#told;
    if (acknowledged.digest === digest && acknowledged.error === error) return;
    this.#told = acknowledged;
    void this.#write();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** One write at a time; what is told during one leads to another. */
  async #write(): Promise<void> {
    if (this.#stopped) return;
    if (this.#writing) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#writing = true;
    let waitMs = renewMs;
    try {
      await applyObject(this.#lease(), {
        connection: this.#connection,
        type,
        fieldManager: "switchyard-router",
      });
      this.#failures = 0;
    } catch (error) {
      // Whoever stops ends the calls that are under way.
      if (this.#stopped) return;
      this.#onTrouble(error);
      waitMs = backoffDelay(this.#failures, retry, 1);
      this.#failures += 1;
    }
    this.#writing = false;
    this.#next(waitMs);
  }

  #next(waitMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#write(), this.#again ? 0 : waitMs);
    this.#timer.unref();
    this.#again = false;
  }

  #lease() {
    const { namespace, name, uid } = this.#pod;
    const { digest, error } = this.#told;
    return {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: {
        name,
        namespace,
        labels: {
          [groupLabels.managedBy]: managedBy,
          [groupLabels.routerClass]: this.#routerClass,
          [groupLabels.component]: "acknowledgement",
        },
        annotations: {
          ...(digest === undefined ? {} : { [acknowledgementAnnotations.digest]: digest }),
          ...(error === undefined
            ? {}
            : { [acknowledgementAnnotations.error]: error.slice(0, longestError).toWellFormed() }),
        },
        ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid }],
      },
      spec: {
        holderIdentity: name,
        leaseDurationSeconds: leaseSeconds,
        renewTime: microTime(systemClock.now()),
      },
    };
  }
}
