import { setTimeout as sleep } from "node:timers/promises";
import type { PrometheusClient } from "../../test/support/prometheus/prometheus-client.ts";
import { Firings, type Firing } from "./firings.ts";

const lookEveryMs = 1_000;

/** Looks all the time at what fires in a Prometheus, and remembers it. */
export class AlertWatch {
  readonly #firings = new Firings();
  readonly #client: Pick<PrometheusClient, "alerts">;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #failure: Error | undefined;

  constructor(client: Pick<PrometheusClient, "alerts">) {
    this.#client = client;
    this.#ended = this.#watch().catch((error: Error) => void (this.#failure = error));
  }

  get firings(): readonly Firing[] {
    return this.#firings.all;
  }

  /**
   * Waits for an alert that the test holds for.
   *
   * @returns undefined where none came in time
   * @throws what keeps it from looking
   */
  async until(test: (firing: Firing) => boolean, withinMs: number): Promise<Firing | undefined> {
    const giveUpAt = Date.now() + withinMs;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const found = this.firings.find(test);
      if (found !== undefined || Date.now() > giveUpAt) return found;
      await sleep(lookEveryMs / 4);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const alerts = await this.#client.alerts();
      const firing = alerts.filter(({ state }) => state === "firing");
      this.#firings.note(
        firing.map(({ labels }) => labels),
        Date.now(),
      );
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
