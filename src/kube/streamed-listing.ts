import { KubeError } from "./kube-error.ts";

/** A listing that comes as events of a watch: the keys that it has held so far, and a bound on the wait for its end. */
export class StreamedListing {
  readonly seen = new Set<string>();
  readonly #patience = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #isOpen = true;

  constructor(longestMs: number) {
    const error = new KubeError("Unavailable", "The listing has no end", { status: 200 });
    this.#timer = setTimeout(() => this.#patience.abort(error), longestMs);
  }

  /** Aborted where the end does not come. */
  get signal(): AbortSignal {
    return this.#patience.signal;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#isOpen = false;
  }
}
