import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";

/** How an answer begins. */
export interface Head {
  status: number;
  headers: IncomingHttpHeaders;
}

/** Takes an answer's body as it comes in; not told of anything after its end or its failure. */
export interface Receiver {
  /** @throws what the answer is then left for: it is told of it as a failure */
  data(chunk: Buffer): void;
  /** @throws as above */
  end(): void;
  fail(error: unknown): void;
}

/** What may be done about an answer that is under way. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** Leaves the answer and its connection; the receiver is told of the reason as a failure. */
  abort(reason: unknown): void;
}

export interface Sent {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  /** Milliseconds until the answer begins, and from one of its bytes to the next, at most. */
  patienceMs: number;
}

/** Chooses who takes the body once the head is there. */
type Begin = (head: Head, flow: Flow) => Receiver;

/**
 * Sends one POST. Whichever comes first ends it: the answer's end, a failure, or the signal.
 *
 * @param fail told where there is no head, and so no receiver
 */
export function exchange(
  pool: Dispatcher,
  sent: Sent,
  { signal, begin, fail }: { signal: AbortSignal; begin: Begin; fail: (error: unknown) => void },
): void {
  const handler = new Exchange(signal, begin, fail);
  const { path, headers, body, patienceMs } = sent;
  const patience = { headersTimeout: patienceMs, bodyTimeout: patienceMs };
  pool.dispatch({ method: "POST", path, headers, body, ...patience }, handler);
}

// The handler that undici calls: its promises and streams would cost a call half as much again.
class Exchange implements Dispatcher.DispatchHandler, Flow {
  readonly #signal: AbortSignal;
  readonly #begin: Begin;
  readonly #fail: (error: unknown) => void;
  readonly #onAbort = (): void => this.abort(this.#signal.reason);
  #controller: Dispatcher.DispatchController | undefined;
  #receiver: Receiver | undefined;
  #settled = false;

  constructor(signal: AbortSignal, begin: Begin, fail: (error: unknown) => void) {
    this.#signal = signal;
    this.#begin = begin;
    this.#fail = fail;
    signal.addEventListener("abort", this.#onAbort);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(reason: unknown): void {
    if (this.#settled) return;
    this.#settle(reason);
    this.#controller?.abort(asError(reason));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Left while it waited for a connection.
    if (this.#settled) controller.abort(new Error("Left"));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // What is said before the answer, such as 100 Continue, is no answer.
    if (status >= 200 && !this.#settled) this.#receiver = this.#begin({ status, headers }, this);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#settled) this.#attempt((receiver) => receiver.data(chunk));
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#attempt((receiver) => receiver.end());
    this.#release();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.#settled) this.#settle(error);
  }

  #attempt(act: (receiver: Receiver) => void): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    try {
      act(receiver);
    } catch (error) {
      this.abort(error);
    }
  }

  #settle(error: unknown): void {
    this.#release();
    if (this.#receiver === undefined) this.#fail(error);
    else this.#receiver.fail(error);
  }

  #release(): void {
    this.#settled = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
  }
}

const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error("Left", { cause: reason });
