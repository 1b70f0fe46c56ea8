// Many routes of one namespace, as a platform team might have them: some twenty backends, fifty
// tenants, and routes of two or three candidates that belong to teams.
import { createHash } from "node:crypto";
import type { Kind } from "../../../../src/api/index.ts";
import type { OperatorBench } from "../operator-bench.ts";
import { specs } from "../sample-specs.ts";

const backends = 20;
const tenants = 50;
const teams = 25;

export const routeName = (index: number): string => `route-${String(index).padStart(4, "0")}`;
const backendName = (index: number): string => `backend-${index % backends}`;
const labelsOf = (index: number) => ({ team: `team-${index % teams}` });

/** The model name that only a certain edit of a route gives it. */
export const editedModel = (index: number, edit: number): string =>
  `${routeName(index)}/edit-${edit}`;

/** Anybody may ask for the model names of these routes, so that routers can be asked what they serve. */
export const routeSpec = (index: number, extraModels: readonly string[] = []): object => ({
  models: [routeName(index), ...extraModels],
  access: extraModels.length > 0 ? "Anonymous" : "Tenants",
  envelope: { firstTokenP95: "2s", totalP95: "20s" },
  selection: { type: index % 2 === 0 ? "Ordered" : "Weighted" },
  candidates: Array.from({ length: 2 + (index % 2) }, (_, place) => ({
    backend: { name: backendName(index + place) },
    weight: place + 1,
  })),
  fallback: { maxAttempts: 3, totalTimeout: "30s" },
});

const tenantSpec = (index: number): object => ({
  subjects: [
    {
      type: "ApiKey",
      apiKey: { id: "first", sha256: createHash("sha256").update(`key-${index}`).digest("hex") },
    },
  ],
  routes: { selector: { matchLabels: labelsOf(index) } },
  allowedBackends: Array.from({ length: backends }, (_, place) => ({ name: backendName(place) })),
});

const writesAtOnce = 8;

/** Applies all resources: this many routes, and the backends and tenants around them. */
export async function populate(bench: OperatorBench, routes: number): Promise<void> {
  const todo: [Kind, string, object, object?][] = [];
  for (let index = 0; index < backends; index += 1)
    todo.push(["ModelBackend", backendName(index), specs.ModelBackend(backendName(index))]);
  for (let index = 0; index < tenants; index += 1)
    todo.push(["TenantPolicy", `tenant-${index}`, tenantSpec(index)]);
  for (let index = 0; index < routes; index += 1)
    todo.push(["ModelRoute", routeName(index), routeSpec(index), { labels: labelsOf(index) }]);
  const lanes = Array.from({ length: writesAtOnce }, async () => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift())
      await bench.apply(...next);
  });
  await Promise.all(lanes);
}

/** Gives a route a model name of this edit alone. */
export async function editRoute(bench: OperatorBench, index: number, edit: number): Promise<void> {
  const spec = routeSpec(index, [editedModel(index, edit)]);
  await bench.apply("ModelRoute", routeName(index), spec, { labels: labelsOf(index) });
}
