/**
 * What the references of one request may still grow to when written out, in characters of JSON or so:
 * a few short definitions that name each other could fill any memory.
 */
export interface Growth {
  left: number;
}

export const openGrowth = (): Growth => ({ left: 1_000_000 });
