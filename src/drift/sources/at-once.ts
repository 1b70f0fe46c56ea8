/** What `act` makes of each, in their order, a few at a time. The first that fails ends it. */
export async function atOnce<Item, Made>(
  items: readonly Item[],
  most: number,
  act: (item: Item) => Promise<Made>,
): Promise<Made[]> {
  const made: Made[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const place = next;
      next += 1;
      made[place] = await act(items[place] as Item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
  return made;
}

/** Queries that one store answers at a time: it has others to answer. */
export const queriesAtOnce = 4;
