import { type Clock, systemClock } from "../lib/index.ts";
import type { AwsCredentials, Reach } from "./contract.ts";
import { ProviderError } from "./provider-error.ts";

// AWS advises to renew before the end; the SDK's own margin is five minutes too.
const marginMs = 300_000;

// Credentials that stay refused would otherwise be asked for anew with every request.
const refreshPauseMs = 10_000;

/** The credentials at hand for one client: asked for once, kept until they near their end. */
export class CredentialCell {
  readonly #clock: Clock;
  #source: Reach["credentials"];
  #held: AwsCredentials | undefined;
  #pending: Promise<AwsCredentials> | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(source: Reach["credentials"], clock: Clock = systemClock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** Takes the source of the latest snapshot; what is held stays. */
  follow(source: Reach["credentials"]): void {
    this.#source = source;
  }

  /** What may be used as it is; undefined where `get` has something to ask for. */
  atHand(): AwsCredentials | undefined {
    const held = this.#held;
    return held !== undefined && this.#left(held) > marginMs ? held : undefined;
  }

  /** @throws ProviderError access_denied where there are none */
  async get(): Promise<AwsCredentials> {
    const held = this.#held;
    if (held === undefined || this.#left(held) <= 0) return this.#ask({});
    if (this.#left(held) > marginMs) return held;
    // Until they end they serve: a renewal that fails is tried again with the next request.
    return this.#ask({}).catch(() => held);
  }

  /**
   * New credentials after the vendor refused those at hand.
   *
   * @param refused what was sent; where it has been replaced meanwhile nothing is asked for
   * @returns whether there are others to try
   */
  async replace(refused: AwsCredentials | undefined): Promise<boolean> {
    if (this.#held !== refused) return true;
    if (this.#pending === undefined) {
      if (this.#clock.elapsed() - this.#refreshedAt < refreshPauseMs) return false;
      this.#refreshedAt = this.#clock.elapsed();
    }
    await this.#ask({ refresh: true });
    return true;
  }

  async #ask(options: { refresh?: boolean }): Promise<AwsCredentials> {
    this.#pending ??= this.#source(options).finally(() => {
      this.#pending = undefined;
    });
    try {
      this.#held = await this.#pending;
      return this.#held;
    } catch (error) {
      throw new ProviderError(
        "access_denied",
        "The router has no credentials for the model's provider",
        {
          upstreamName: error instanceof Error ? error.name : undefined,
          cause: error,
        },
      );
    }
  }

  /** Milliseconds until they end. */
  #left(credentials: AwsCredentials): number {
    const end = credentials.expiration?.getTime();
    return end === undefined ? Number.POSITIVE_INFINITY : end - this.#clock.now();
  }
}
