import type { Condition } from "../../api/index.ts";

/** What the operator says of a resource; the last four of a route alone. */
export interface ResourceStatus {
  observedGeneration: number;
  conditions: Condition[];
  publishedGeneration?: number;
  routers?: { ready: number; programmed: number };
  /** `3/3`. */
  programmed?: string;
}
