import { afterAll, afterEach, beforeAll } from "vitest";
import { readParts } from "./cluster-parts.ts";
import { switchyardImage } from "./images.ts";
import type { Cluster } from "./cluster.ts";
import { startCluster } from "./start-cluster.ts";
import { startKindCluster } from "./start-kind-cluster.ts";
import { words } from "./words.ts";

const startLimitMs = 240_000;
const prepareLimitMs = 240_000;

/** As which image the examples and the README name what `docker build` makes. */
export const releasedImage = "docker.io/library/switchyard:0.1.0";

/**
 * Gives the tests of a file one fresh cluster between them, with the image that was built from the
 * Dockerfile. Where a test fails, the cluster's state is told.
 *
 * @param prepare runs once before the first test
 */
export function useCluster(
  prepare: (cluster: Cluster) => Promise<void> = () => Promise.resolve(),
): () => Cluster {
  let started: Cluster | undefined;

  beforeAll(async () => {
    const parts = readParts();
    started = await (parts.type === "Kind" ? startKindCluster(parts) : startCluster(parts));
    await started.loadImage(parts.images.switchyard);
    await started.tagImage(switchyardImage, releasedImage);
    await prepare(started).catch(async (error: unknown) => {
      await tell(started);
      throw error;
    });
  }, startLimitMs + prepareLimitMs);

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await tell(started);
  });

  afterAll(() => started?.stop());

  return () => {
    if (started === undefined) throw new Error("The cluster is there only inside a test");
    return started;
  };
}

async function tell(cluster: Cluster | undefined): Promise<void> {
  const questions = [
    words`get pods -A -o wide`,
    words`get modelroutes -A -o yaml`,
    words`get events -A --sort-by=.lastTimestamp`,
    words`-n switchyard-system logs -l app.kubernetes.io/component=operator --tail=40 --prefix`,
  ];
  const answers = questions.map(
    async (question) => (await cluster?.kubectl(question).catch(String)) ?? "",
  );
  for (const text of await Promise.all(answers)) process.stderr.write(`${text.slice(-6_000)}\n`);
}
