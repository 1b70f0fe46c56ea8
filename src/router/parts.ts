import type { FastifyInstance } from "fastify";
import type { Clock, Random } from "../lib/index.ts";
import type { Provider } from "../providers/index.ts";
import type { RecordSink } from "../records/index.ts";
import type { BackendHealth, LatencyBook } from "../routing/index.ts";
import type { BackendEntry } from "../table/index.ts";
import type { Telemetry } from "../telemetry/index.ts";
import type { Callers, TenantLimits } from "../tenancy/index.ts";
import type { AdminAccess } from "./admin-access.ts";
import type { AttemptBudgets } from "./attempt-budgets.ts";
import type { BackendPlaces } from "./backend-places.ts";
import type { CandidateShares } from "./candidate-shares.ts";
import type { FilterShelf } from "./safety/filter-shelf.ts";
import type { RouterSettings } from "./settings.ts";
import type { Shadows } from "./shadow/shadows.ts";
import type { TableHolder } from "./table-holder.ts";

/** What a router is made of; the composition root puts it together. */
export interface RouterParts {
  settings: RouterSettings;
  tables: TableHolder;
  callers: Callers;
  providers: Readonly<Record<BackendEntry["target"]["type"], Provider>>;
  book: LatencyBook;
  health: BackendHealth;
  places: BackendPlaces;
  budgets: AttemptBudgets;
  shadows: Shadows;
  shares: CandidateShares;
  filters: FilterShelf;
  limits: TenantLimits;
  telemetry: Telemetry;
  records: RecordSink;
  clock: Clock;
  random: Random;
  /** What else the admin port serves. */
  extendAdminPort?: ExtendAdminPort;
  /** Told of faults that are ours: they are answered with 500 and must be seen. */
  onFault: (error: unknown, requestId: string) => void;
}

/** Adds to what the admin port serves; the composition root hands it in. */
export type ExtendAdminPort = (
  server: FastifyInstance,
  access: AdminAccess,
  parts: RouterParts,
) => void;
