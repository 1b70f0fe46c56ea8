import type { AwsLease } from "./aws-clients.ts";

/**
 * A stream through an SDK client. The SDK goes on reading after its reader has left: only a signal of
 * our own ends it.
 */
export class SdkStreamLease<Client> {
  readonly #lease: AwsLease<Client>;
  readonly #left = new AbortController();
  #ended = false;

  constructor(lease: AwsLease<Client>) {
    this.#lease = lease;
  }

  /** @param once is to heed the signal that it is given, which ends with the caller's or with `close` */
  async open<Answer>(
    signal: AbortSignal,
    once: (client: Client, signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const either = AbortSignal.any([signal, this.#left.signal]);
    return this.#lease.call(signal, async (client) => once(client, either));
  }

  /** The stream has been read to its end: its connection serves the next call. */
  end(): void {
    this.#ended = true;
  }

  /** Again does no harm. */
  close(): void {
    if (!this.#ended) this.#left.abort();
    this.#lease.release();
  }
}
