const minuteMs = 60_000;

/** What was poured in and has not run out yet. It holds a minute's worth, which runs out evenly within a minute. */
export interface Bucket {
  level: number;
  /** Milliseconds since the epoch. */
  at: number;
}

export const emptyBucket: Bucket = { level: 0, at: 0 };

/** A clock that steps back lets nothing run out, and nothing in. */
export function levelAt({ level, at }: Bucket, perMinute: number, now: number): number {
  return Math.max(0, level - (Math.max(0, now - at) * perMinute) / minuteMs);
}

/** A clock that was put back does not keep a full bucket full until it comes to where it was. */
export function notAhead(bucket: Bucket, now: number): Bucket {
  return bucket.at > now ? { ...bucket, at: now } : bucket;
}

/** @param amount negative gives back */
export function pour(bucket: Bucket, amount: number, perMinute: number, now: number): Bucket {
  return { level: Math.max(0, levelAt(bucket, perMinute, now) + amount), at: now };
}

/** Milliseconds until so much has run out. */
export function runOutMs(amount: number, perMinute: number): number {
  return (Math.max(0, amount) * minuteMs) / perMinute;
}
