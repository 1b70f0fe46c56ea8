import type { ConfigMapManifest } from "../api/index.ts";
import type { ClassSettings } from "../compile/index.ts";
import { startRouter, type RouterParts, type RunningRouter } from "../router/index.ts";
import type { ConfigFolder } from "./config-folder.ts";
import { FolderTables, type Group, type Made, type Refreshed } from "./folder-tables.ts";
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

export interface Beside {
  configMaps: () => Promise<readonly ConfigMapManifest[]>;
  /** @returns what ends it */
  watch: (onChange: () => void) => () => void;
}

interface Order {
  folder: ConfigFolder;
  group: Group;
  parts: RouterParts;
  /** Whether somebody has said who issues the tokens of a cluster. */
  knowsCluster?: boolean;
  /** What a job of this process has made before. */
  made?: Made | undefined;
  /** What lies beside the folder, such as the report of drift. */
  beside?: Beside | undefined;
  /** Told after the first loading, and after every one that changed the table or its problems. */
  onRefresh: (refreshed: Refreshed) => void;
}

export interface ServedFolder {
  router: RunningRouter;
  first: Refreshed;
  /**
   * Serves this beside the folder's, in place of what was made before. Whoever made it knows of the change, so
   * that only problems are told. Never rejects.
   */
  take(made: Made): Promise<void>;
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
  made,
  beside,
  onRefresh,
}: Order): Promise<ServedFolder> {
  const tables = new FolderTables(
    { folder, group, settings: knowsCluster ? ownMachine : alone, beside: beside?.configMaps },
    parts.tables,
  );
  if (made !== undefined) tables.take(made);
  const first = await tables.refresh();
  if (parts.tables.current === undefined) throw new UsageError(first.problems.join("\n"));
  const router = await startRouter(parts).catch(startProblem);
  let last = first;
  const refresh = async (tellsChange: boolean, publishedAt: number): Promise<void> => {
    const refreshed = await tables.refresh(publishedAt).catch((error: unknown) => {
      const problem = `Loading ${folder.folder} failed: ${String(error)}; the table stays as it was`;
      parts.tables.setProblems([problem]);
      return { ...last, changed: false, problems: [problem] };
    });
    const isNews = refreshed.problems.join("\n") !== last.problems.join("\n");
    last = refreshed;
    if ((refreshed.changed && tellsChange) || isNews) onRefresh(refreshed);
  };
  // One after another: each takes up what the one before has published.
  let turn = Promise.resolve();
  const inTurn = (tellsChange: boolean, publishedAt: number): Promise<void> =>
    (turn = turn.then(() => refresh(tellsChange, publishedAt)));
  const watch = watchFolder(folder.folder, {
    onChange: (seenAt) => inTurn(true, seenAt),
    onSame: () => tables.confirm(),
  });
  const endBeside = beside?.watch(() => void inTurn(true, Date.now()));
  return {
    router,
    first,
    take: (newer) => {
      tables.take(newer);
      return inTurn(false, Date.now());
    },
    table: () => last.table,
    stop: async () => {
      endBeside?.();
      await watch.close();
      await turn;
      return router.stop();
    },
  };
}
