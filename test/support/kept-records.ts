import type {
  KeptRecord,
  LabelRecord,
  RecordSink,
  RequestRecord,
  SafetyRecord,
} from "../../src/records/index.ts";

const longestWaitMs = 20_000;

/** Keeps the records of a router in memory, and tells when one comes. */
export class KeptRecords implements RecordSink {
  readonly all: RequestRecord[] = [];
  /** Of the safety stream; those of a request come right behind its own. */
  readonly safety: SafetyRecord[] = [];
  readonly labels: LabelRecord[] = [];
  #waiting: (() => void)[] = [];

  write(record: KeptRecord): void {
    if (record.stream === "safety") {
      this.safety.push(record);
      return;
    }
    if (record.stream === "label") {
      this.labels.push(record);
      return;
    }
    this.all.push(record);
    for (const look of this.#waiting) look();
  }

  /** The one record of a request. A record is written after the answer's last byte: it may take a moment. */
  async of(requestId: string | null | undefined): Promise<RequestRecord> {
    const found = await this.where((record) => record.request_id === requestId, requestId ?? "?");
    return found[0]!;
  }

  /** Waits for `count` records for which the test holds, and gives all of them. */
  where(
    test: (record: RequestRecord) => boolean,
    what = "some",
    count = 1,
  ): Promise<RequestRecord[]> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((each) => each !== look);
        act();
      };
      const look = (): void => {
        const found = this.all.filter(test);
        if (found.length >= count) settle(() => resolve(found));
      };
      const timer = setTimeout(() => {
        const seen = this.all.map((record) => record.request_id).join(", ");
        settle(() => reject(new Error(`No record of ${what} came; there are: ${seen}`)));
      }, longestWaitMs);
      this.#waiting.push(look);
      look();
    });
  }

  /** The next record from now on, of which no answer tells the id. */
  next(): Promise<RequestRecord> {
    const known = this.all.length;
    return this.where((record) => this.all.indexOf(record) >= known, "the next request").then(
      ([first]) => first!,
    );
  }

  dropped(): number {
    return 0;
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}
