import type { Random } from "../../lib/index.ts";
import type { RouteEntry } from "../../table/index.ts";
import { ShutDown } from "../client-gone.ts";
import { HeldBytes } from "../held-bytes.ts";
import { DrawnShadow, drawShadow } from "./shadow-draw.ts";

/** What shadows may use at once, however many are drawn. */
export interface ShadowBounds {
  /** Shadows under way, the judging of their answers included. */
  most: number;
  /** Bytes of requests and answers that are held for them, and for one of them. */
  mostBytes: number;
  mostBytesEach: number;
}

const usual: ShadowBounds = {
  most: 32,
  mostBytes: 32 * 1024 * 1024,
  mostBytesEach: 2 * 1024 * 1024,
};

/** What is cut off has this long to tell its record. */
const lastWordsMs = 1_000;

/** The shadows of one router: what they may use, and those that are under way. */
export class Shadows {
  readonly #bounds: ShadowBounds;
  readonly #held = new HeldBytes();
  readonly #underWay = new Map<AbortController, Promise<void>>();
  #isBusy: () => boolean = () => false;
  #closed = false;

  constructor(bounds: Partial<ShadowBounds> = {}) {
    this.#bounds = { ...usual, ...bounds };
  }

  get count(): number {
    return this.#underWay.size;
  }

  get heldBytes(): number {
    return this.#held.total;
  }

  /** @param read whether the router has hardly anything left for requests that are to come */
  watchLoad(read: () => boolean): void {
    this.#isBusy = read;
  }

  /** By chance alone, before anything of the request has been looked at. */
  draw(
    { route, bytesIn }: { route: RouteEntry; bytesIn: number },
    random: Random,
  ): DrawnShadow | undefined {
    const which = drawShadow(route, random);
    if (which === undefined) return undefined;
    const { mostBytes, mostBytesEach } = this.#bounds;
    const hasRoom = (own: number) => own <= mostBytesEach && this.#held.total <= mostBytes;
    const drawn = new DrawnShadow(which, this.#held.open(), hasRoom);
    drawn.take(bytesIn);
    return drawn;
  }

  /** Why no shadow may begin now, in a word; undefined where one may. */
  refusal(): "draining" | "router_busy" | "too_many" | undefined {
    if (this.#closed) return "draining";
    if (this.#underWay.size >= this.#bounds.most) return "too_many";
    return this.#isBusy() ? "router_busy" : undefined;
  }

  /**
   * Lets a shadow run behind everybody's back.
   *
   * @param run must not reject, and must end soon once its signal is aborted
   */
  begin(drawn: DrawnShadow, run: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    const done = run(controller.signal).finally(() => {
      this.#underWay.delete(controller);
      drawn.letGo();
    });
    this.#underWay.set(controller, done);
  }

  /** No further one begins. */
  close(): void {
    this.#closed = true;
  }

  /** Cuts off those that are under way: nobody waits for what they would tell. Never rejects. */
  async stop(): Promise<void> {
    this.close();
    for (const controller of this.#underWay.keys()) controller.abort(new ShutDown());
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, lastWordsMs);
    await Promise.race([Promise.allSettled(this.#underWay.values()), late]);
    clearTimeout(timer);
  }
}
