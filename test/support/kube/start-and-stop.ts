import { connect, LeaderElection, WorkQueue } from "../../../src/kube/index.ts";
import { seededRandom, systemClock } from "../../../src/lib/index.ts";
import { HostileApi } from "./hostile-api.ts";
import { startMirror } from "./mirror.ts";

/** Uses everything of the room that waits, and stops it: whoever called this must be able to end. */
export async function startAndStop(): Promise<void> {
  const api = await HostileApi.start();
  const connection = connect(api.endpoint);
  const random = seededRandom(1);
  const mirror = startMirror(api, { timing: { listingMs: 3_600_000 } });
  await mirror.reflector.whenSynced;
  const place = { connection, namespace: "shop", name: "operator" };
  const election = new LeaderElection({ ...place, identity: "one", clock: systemClock, random });
  await election.acquire();
  const holding = election.hold();
  const queue = new WorkQueue({
    work: () => Promise.reject(new Error("no")),
    onError: () => queue.add("other", 3_600_000),
    random,
    pauseMs: 3_600_000,
  });
  queue.add("key");
  await new Promise((resolve) => void setTimeout(resolve, 50));
  await queue.stop();
  await election.release();
  await holding;
  await mirror[Symbol.asyncDispose]();
  await connection.close();
  await api.close();
}
