import { AnswerTooLarge, mostAnswerBytes } from "../answer-bound.ts";
import type { Head, Receiver } from "./exchange.ts";

export interface WholeAnswer extends Head {
  body: Buffer;
}

/** Collects an answer's body, to a bound. */
export class WholeAnswerReceiver implements Receiver {
  readonly #head: Head;
  readonly #done: (answer: WholeAnswer) => void;
  readonly #failed: (error: unknown) => void;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(
    head: Head,
    { done, failed }: { done: (answer: WholeAnswer) => void; failed: (error: unknown) => void },
  ) {
    this.#head = head;
    this.#done = done;
    this.#failed = failed;
  }

  data(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > mostAnswerBytes) throw new AnswerTooLarge();
    this.#chunks.push(chunk);
  }

  end(): void {
    const [only = Buffer.alloc(0), ...others] = this.#chunks;
    const body = others.length === 0 ? only : Buffer.concat(this.#chunks, this.#size);
    this.#done({ ...this.#head, body });
  }

  fail(error: unknown): void {
    this.#failed(error);
  }
}
