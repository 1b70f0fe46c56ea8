import { Pool } from "undici";
import type { AwsCredentials } from "../contract.ts";
import type { ClientSettings } from "../aws-clients.ts";
import { skewToldBy } from "../clock-skew.ts";
import { awsEndpoint, type AwsService } from "./aws-endpoint.ts";
import { boundedConnector } from "./bounded-connector.ts";
import { EventSource, type Reading } from "./event-source.ts";
import { exchange, type Head } from "./exchange.ts";
import { refusalOf, underHead } from "./refusal.ts";
import { Signer } from "./sigv4.ts";
import { WholeAnswerReceiver, type WholeAnswer } from "./whole-answer.ts";

/** A POST to one of AWS's services. */
export interface AwsCall {
  /** Percent-encoded once. */
  path: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  credentials: AwsCredentials;
  signal: AbortSignal;
  /** Milliseconds until the answer begins, and from one of its bytes to the next, at most. */
  patienceMs: number;
}

export interface OpenAnswer<Event> {
  head: Head;
  events: EventSource<Event>;
}

// A little less than the minute after which AWS's front doors leave an idle connection.
const idleMs = 50_000;

/** One service at one endpoint: its connections, and the signature of what goes over them. */
export class LeanClient {
  readonly #pool: Pool;
  readonly #signer: Signer;
  readonly #base: string;
  /** What to add to our clock to have AWS's; learnt where it refuses a call. */
  #skewMs = 0;

  constructor(service: AwsService, { region, endpoint, connectMs, ...place }: ClientSettings) {
    const url = new URL(endpoint ?? awsEndpoint(service, { region, ...place }));
    this.#pool = new Pool(url.origin, {
      // Under HTTP/2 a connection that died is found out late, and takes all its calls along.
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: idleMs,
      connect: boundedConnector(connectMs),
    });
    this.#signer = new Signer({ region, service, host: url.host });
    this.#base = url.pathname === "/" ? "" : url.pathname;
  }

  /** @throws the error that a refusal stands for, of undici, or the signal's reason; see `refusal.ts` */
  whole(call: AwsCall): Promise<WholeAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<WholeAnswer>();
    const skewMs = this.#skewMs;
    this.#send(call, {
      begin: (head) =>
        new WholeAnswerReceiver(head, {
          done: (answer) => {
            if (answer.status < 300) resolve(answer);
            else reject(this.#refusal(answer, skewMs));
          },
          failed: (error) => reject(underHead(error, head)),
        }),
      fail: reject,
    });
    return promise;
  }

  /** Settles once the answer has begun; throws as `whole` does. */
  open<Event>(call: AwsCall, reading: (head: Head) => Reading<Event>): Promise<OpenAnswer<Event>> {
    const { promise, resolve, reject } = Promise.withResolvers<OpenAnswer<Event>>();
    const skewMs = this.#skewMs;
    this.#send(call, {
      begin: (head, flow) => {
        if (head.status < 300) {
          const events = new EventSource(flow, reading(head));
          resolve({ head, events });
          return events;
        }
        return new WholeAnswerReceiver(head, {
          done: (answer) => reject(this.#refusal(answer, skewMs)),
          failed: (error) => reject(underHead(error, head)),
        });
      },
      fail: reject,
    });
    return promise;
  }

  /** Calls under way fail. */
  destroy(): void {
    void this.#pool.destroy();
  }

  #send(call: AwsCall, to: Omit<Parameters<typeof exchange>[2], "signal">): void {
    const { body, signal, patienceMs } = call;
    const path = this.#base + call.path;
    const now = Date.now() + this.#skewMs;
    const headers = this.#signer.sign({ path, headers: call.headers, body }, call.credentials, now);
    headers["user-agent"] = "switchyard";
    exchange(this.#pool, { path, headers, body, patienceMs }, { signal, ...to });
  }

  /** @param skewMs by which the call was signed: others may have corrected it meanwhile */
  #refusal(answer: WholeAnswer, skewMs: number): Error {
    const error = refusalOf(answer);
    this.#skewMs = skewToldBy(error, skewMs) ?? this.#skewMs;
    return error;
  }
}
