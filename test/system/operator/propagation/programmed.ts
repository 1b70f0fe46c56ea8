import { pathOf, resourceTypes, type KubeObject } from "../../../../src/kube/index.ts";
import { eventually } from "../operator-bench.ts";
import { routeName } from "./population.ts";
import type { Stage } from "./stage.ts";

type Route = KubeObject & {
  status?: { publishedGeneration?: number; programmed?: string };
};

/** Whether the route's status says that all routers have its present text. */
function isProgrammed(route: Route | undefined, { routers }: Stage): boolean {
  const { publishedGeneration, programmed } = route?.status ?? {};
  const all = `${routers.length}/${routers.length}`;
  return publishedGeneration === route?.metadata.generation && programmed === all;
}

/** Waits until all routers have the present text of a route. */
export async function untilProgrammed(stage: Stage, route: number): Promise<void> {
  await eventually(
    () => stage.bench.read<Route>("ModelRoute", routeName(route)),
    (found) => isProgrammed(found, stage),
  );
}

/** The names of the routes that some router has not in their present text. */
export async function listUnprogrammed(stage: Stage): Promise<string[]> {
  const { admin, namespace } = stage.bench;
  const path = pathOf(resourceTypes.ModelRoute, { namespace });
  const { items } = await admin.json<{ items: Route[] }>({ method: "GET", path });
  return items.filter((route) => !isProgrammed(route, stage)).map(({ metadata }) => metadata.name);
}
