import { EventEmitter } from "node:events";

/** As much of a response as a writer uses; the test plays the client. */
export class FakeResponse extends EventEmitter {
  destroyed = false;
  headersSent = false;
  taken = "";
  /** Whether the client takes what is written. */
  takes = true;
  timeoutMs: number | undefined;
  /** What was given to `end` and the client has not taken. */
  writableLength = 0;

  writeHead(): void {
    this.headersSent = true;
  }

  write(text: string): boolean {
    this.taken += text;
    return this.takes;
  }

  end(text: string): void {
    this.taken += text;
    if (!this.takes) this.writableLength = text.length;
  }

  setTimeout(ms: number, callback: () => void): void {
    this.timeoutMs = ms;
    this.on("timeout", callback);
  }

  destroy(): void {
    this.destroyed = true;
    queueMicrotask(() => this.emit("close"));
  }

  waiting(): number {
    return this.listenerCount("drain") + this.listenerCount("close");
  }
}
