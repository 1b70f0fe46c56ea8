import { setTimeout as sleep } from "node:timers/promises";
import { editedModel, editRoute } from "./population.ts";
import type { RouterPod } from "./router-pod.ts";
import type { Stage } from "./stage.ts";

/** Milliseconds from the answer of the API server that took the edit. */
export interface EditTimes {
  /** The pointer names the new table. */
  published: number;
  /** Every router tells clients of what the edit added. */
  served: number;
  /** Every router's Lease names the new table. */
  acknowledged: number;
}

const lookAgainMs = 3;
const longestWaitMs = 60_000;

/** Edits one route, and waits until every router serves it. */
export async function measureEdit(
  { bench, observer, routers }: Stage,
  route: number,
  edit: number,
): Promise<EditTimes> {
  const before = observer.digest;
  const model = editedModel(route, edit);
  await editRoute(bench, route, edit);
  const began = performance.now();
  const since = () => performance.now() - began;
  const digest = await observer.whenPublishedAfter(before);
  const published = since();
  // Nobody is asked before, so that the asking does not slow down what it waits for.
  const acknowledging = observer.whenAcknowledged(digest, routers.length).then(since);
  await Promise.all(routers.map((router) => untilServed(router, model)));
  const served = since();
  return { published, served, acknowledged: await acknowledging };
}

async function untilServed(router: RouterPod, model: string): Promise<void> {
  const giveUpAt = performance.now() + longestWaitMs;
  while (!(await router.serves(model))) {
    if (performance.now() > giveUpAt) throw new Error(`${router.name} never served ${model}`);
    await sleep(lookAgainMs);
  }
}
