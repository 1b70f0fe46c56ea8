import type { BackendEntry, RoutingTable } from "../table/index.ts";
import type { ModelShelf } from "./classifiers.ts";
import type { DriftPins } from "./drift-pins.ts";
import type { ClassSettings } from "./settings.ts";

/** What routes are resolved against. */
export interface RouteScope {
  published: RoutingTable | undefined;
  settings: ClassSettings;
  models: ModelShelf;
  pins: Pick<DriftPins, "pinOf">;
  /** Names of ConfigMaps. */
  goldenSets: ReadonlySet<string>;
  /** Backends that may be called. */
  backends: ReadonlyMap<string, BackendEntry>;
  /** Every backend of the namespace, callable or not. */
  declared: ReadonlySet<string>;
  /** The name that was probably meant. */
  suggest: (wrong: string) => string | undefined;
}
