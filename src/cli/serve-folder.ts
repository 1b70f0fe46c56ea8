import type { ConfigMapManifest } from "../api/index.ts";
import type { ClassSettings } from "../compile/index.ts";
import { startRouter, type RouterParts, type RunningRouter } from "../router/index.ts";
import type { ConfigFolder } from "./config-folder.ts";
import { FolderTables, type Group, type Refreshed } from "./folder-tables.ts";
import type { RoutingTable } from "../table/index.ts";
import { startProblem } from "./start-problem.ts";
import { UsageError } from "./usage-error.ts";
import { watchFolder } from "./watch-folder.ts";

// Whoever writes the folder also runs the process: there is nobody to protect from the author. In a
// cluster the operator's configuration says what a class may reach.
const ownMachine: ClassSettings = {
  endpointHosts: ["*"],
  allowLoopbackEndpoints: true,
  roleArns: ["*"],
};

/** The same without a cluster whose ServiceAccounts could be known. */
const alone: ClassSettings = { ...ownMachine, serviceAccounts: "Unknown" };

interface Order {
  folder: ConfigFolder;
  group: Group;
  parts: RouterParts;
  /** Whether somebody has said who issues the tokens of a cluster. */
  knowsCluster?: boolean;
  /** Told after the first loading, and after every one that changed the table or its problems. */
  onRefresh: (refreshed: Refreshed) => void;
}

export interface ServedFolder {
  router: RunningRouter;
  first: Refreshed;
  /** Serves these ConfigMaps beside the folder's, in place of those before. Never rejects. */
  take(made: readonly ConfigMapManifest[]): Promise<void>;
  /** The table that is served now. */
  table(): RoutingTable;
  /** @returns how many requests had to be cut off */
  stop(): Promise<number>;
}

/**
 * A router whose tables come from a folder that is watched.
 *
 * @throws UsageError where a port or the certificate cannot be had, or no table can be made
 */
export async function serveFolder({
  folder,
  group,
  parts,
  knowsCluster = false,
  onRefresh,
}: Order): Promise<ServedFolder> {
  const tables = new FolderTables(folder, group, knowsCluster ? ownMachine : alone, parts.tables);
  const first = await tables.refresh();
  if (parts.tables.current === undefined) throw new UsageError(first.problems.join("\n"));
  const router = await startRouter(parts).catch(startProblem);
  let last = first;
  const refresh = async (): Promise<void> => {
    const refreshed = await tables.refresh().catch((error: unknown) => {
      const problem = `Loading ${folder.folder} failed: ${String(error)}; the table stays as it was`;
      parts.tables.setProblems([problem]);
      return { ...last, changed: false, problems: [problem] };
    });
    const isNews = refreshed.problems.join("\n") !== last.problems.join("\n");
    last = refreshed;
    if (refreshed.changed || isNews) onRefresh(refreshed);
  };
  // One after another: each takes up what the one before has published.
  let turn = Promise.resolve();
  const inTurn = (): Promise<void> => (turn = turn.then(refresh));
  const watch = watchFolder(folder.folder, inTurn);
  return {
    router,
    first,
    take: (made) => {
      tables.take(made);
      return inTurn();
    },
    table: () => last.table,
    stop: async () => {
      await watch.close();
      await turn;
      return router.stop();
    },
  };
}
