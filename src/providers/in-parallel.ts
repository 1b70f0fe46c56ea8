interface Bounds {
  /** Pieces of work under way at once. */
  most: number;
  signal: AbortSignal;
}

/**
 * Works through a list, some items at a time, and gives the results in the order of the list. The
 * first failure aborts what is under way and is thrown once that has ended.
 */
export async function inParallel<Item, Outcome>(
  items: readonly Item[],
  { most, signal }: Bounds,
  work: (item: Item, signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome[]> {
  const failed = new AbortController();
  const within = AbortSignal.any([signal, failed.signal]);
  const queue = items.entries();
  const outcomes: Outcome[] = [];
  const takeFromQueue = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed.signal.aborted) return;
      outcomes[index] = await work(item, within);
    }
  };
  const workers = Array.from({ length: Math.min(most, items.length) }, async () => {
    try {
      await takeFromQueue();
    } catch (error) {
      failed.abort(error);
    }
  });
  await Promise.all(workers);
  if (failed.signal.aborted) throw failed.signal.reason;
  return outcomes;
}
