import { AwsClients } from "../aws-clients.ts";
import { translateAwsError } from "../aws-error.ts";
import type { Callee, ReachBackend } from "../contract.ts";
import type { AwsService } from "./aws-endpoint.ts";
import type { EventMessage } from "./event-stream.ts";
import type { Head } from "./exchange.ts";
import { LeanClient } from "./lean-client.ts";
import { requestIdOf, underHead } from "./refusal.ts";
import type { WholeAnswer } from "./whole-answer.ts";

/** A POST on behalf of a backend. */
export interface ServiceCall {
  backend: Callee;
  signal: AbortSignal;
  /** Percent-encoded once. */
  path: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface Streamed<Event> {
  head: Head;
  /** Throws as `stream` does. */
  events: AsyncIterable<Event>;
  /** Aborts what has not come yet; again does no harm. */
  close: () => void;
}

/**
 * One of AWS's services, over connections and signatures of our own. Each call throws a ProviderError,
 * or the signal's reason once it is aborted.
 */
export class LeanService {
  readonly #clients: AwsClients<LeanClient>;

  constructor(service: AwsService, reach: ReachBackend) {
    const create = (settings: ConstructorParameters<typeof LeanClient>[1]): LeanClient =>
      new LeanClient(service, settings);
    this.#clients = new AwsClients({ reach, create });
  }

  /** @param read may throw what says that the answer cannot be read */
  async whole<Value>(call: ServiceCall, read: (answer: WholeAnswer) => Value): Promise<Value> {
    const { signal } = call;
    const lease = this.#clients.lease(call.backend);
    try {
      const answer = await lease.call(signal, (client, credentials) =>
        client.whole({ ...sending(call), credentials }),
      );
      return readUnder(answer, read);
    } catch (error) {
      throw translateAwsError(error, { signal, broken: "connection_failed" });
    } finally {
      lease.release();
    }
  }

  /** @param read gives undefined for a message to be passed over, and throws what the stream fails with */
  async stream<Event>(
    call: ServiceCall,
    read: (message: EventMessage) => Event | undefined,
  ): Promise<Streamed<Event>> {
    const { signal } = call;
    const broken = "stream_broken";
    const lease = this.#clients.lease(call.backend);
    try {
      const { head, events } = await lease.call(signal, (client, credentials) =>
        client.open({ ...sending(call), credentials }, ({ headers }) => ({
          read,
          translate: (error) =>
            translateAwsError(error, {
              signal,
              broken,
              begun: true,
              requestId: requestIdOf(headers),
            }),
        })),
      );
      const close = (): void => {
        events.close(readerLeft);
        lease.release();
      };
      return { head, events, close };
    } catch (error) {
      lease.release();
      throw translateAwsError(error, { signal, broken });
    }
  }

  close(): void {
    this.#clients.close();
  }
}

// Made once: nobody reads its stack, which to take costs more than to close a stream.
const readerLeft = new Error("The reader left");

/** The router's own deadlines come first; the backend's total time holds where a caller forgets them. */
const sending = ({ backend, path, headers, body, signal }: ServiceCall) => ({
  path,
  headers,
  body,
  signal,
  patienceMs: backend.timeouts.totalMs,
});

function readUnder<Value>(answer: WholeAnswer, read: (answer: WholeAnswer) => Value): Value {
  try {
    return read(answer);
  } catch (error) {
    throw underHead(error, answer);
  }
}
