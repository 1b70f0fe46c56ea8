// A reflector on a hostile API server, and what it tells.
import { setTimeout as pause } from "node:timers/promises";
import {
  connect,
  keyOf,
  Reflector,
  resourceTypes,
  Store,
  type KubeObject,
  type ReflectorOptions,
  type StoreChange,
} from "../../../src/kube/index.ts";
import { seededRandom } from "../../../src/lib/index.ts";
import type { HostileApi } from "./hostile-api.ts";

const type = resourceTypes.ModelRoute;

export const routePlace = (name: string) => ({
  resource: "/apis/switchyard.dev/v1alpha1/modelroutes",
  namespace: "shop",
  name,
});

const routesPlace = { ...routePlace(""), name: undefined };

export const route = (note: string) => ({
  apiVersion: "switchyard.dev/v1alpha1",
  kind: "ModelRoute",
  spec: { note },
});

export interface Mirror extends AsyncDisposable {
  reflector: Reflector;
  store: Store;
  changes: StoreChange<KubeObject>[];
  troubles: (Error | undefined)[];
}

/** Waits are short, and a server's silence is soon taken for its death. */
export function startMirror(
  api: HostileApi,
  options: Partial<ReflectorOptions<KubeObject>> = {},
): Mirror {
  const connection = connect(api.endpoint, undefined, { headersMs: 300, silenceMs: 300 });
  const store = new Store();
  const changes: StoreChange<KubeObject>[] = [];
  const troubles: (Error | undefined)[] = [];
  store.onChange((change) => changes.push(change));
  const reflector = new Reflector({
    connection,
    type,
    store,
    random: seededRandom(1),
    onTrouble: (error) => troubles.push(error),
    timing: { retry: { baseMs: 4, ceilingMs: 40 }, steadyMs: 200, listingMs: 400 },
    ...options,
  });
  reflector.start();
  const end = async (): Promise<void> => {
    await reflector.stop();
    await connection.close();
  };
  return { reflector, store, changes, troubles, [Symbol.asyncDispose]: end };
}

/** Waits until something holds, at most 10 s. */
export async function until(holds: () => boolean, what = "what was waited for"): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come about`);
    await pause(2);
  }
}

const versions = (objects: Iterable<KubeObject>): string[] =>
  [...objects]
    .map((object) => `${keyOf(object)} ${object.metadata.uid} ${object.metadata.resourceVersion}`)
    .toSorted();

const isEqual = (store: Store, api: HostileApi): boolean =>
  JSON.stringify(versions(store.all())) === JSON.stringify(versions(api.state.list(routesPlace)));

export const untilEqual = (store: Store, api: HostileApi): Promise<void> =>
  until(() => isEqual(store, api), "Equality of the store with the server");
