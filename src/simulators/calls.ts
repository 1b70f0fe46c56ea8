/** One call that the simulator received, as it went. */
export interface CallRecord {
  requestId: string;
  /** Milliseconds since the epoch. */
  time: number;
  /** The catalogue's id; empty where no such model is known. */
  model: string;
  /** The model id, ARN or endpoint name that the client sent. */
  requestedModel: string;
  operation: string;
  requestMetadata?: Record<string, string>;
  /** The X-Amzn-… headers that the client sent, names in lower case. */
  amznHeaders: Record<string, string>;
  accessKeyId?: string;
  /** The HTTP status; 0 where none was sent. */
  status: number;
  /** The shape of the error, where the answer was one. */
  error?: string;
  /** The kind of fault that was applied. */
  fault?: string;
  /** The client left, or the fault cut it off, before the end. */
  aborted: boolean;
  /** The answer was sent to its end, or the call was aborted. */
  finished: boolean;
  bytesSent: number;
  framesSent: number;
  inputTokens: number;
  /** Tokens of the answer that had been sent, the whole answer's where it was not streamed. */
  outputTokensSent: number;
}

// Enough for the longest test; older calls are dropped.
const mostCalls = 100_000;

/** What was called, oldest first. */
export class CallLog {
  #records: CallRecord[] = [];

  open(record: CallRecord): CallRecord {
    this.#records.push(record);
    if (this.#records.length > mostCalls * 1.1) this.#records = this.#records.slice(-mostCalls);
    return record;
  }

  /** How many are held, with those that will be dropped next. */
  get size(): number {
    return this.#records.length;
  }

  list(): CallRecord[] {
    return this.#records.slice(-mostCalls).map((record) => ({ ...record }));
  }

  clear(): void {
    this.#records = [];
  }
}
