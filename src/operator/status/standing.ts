import type { Reason } from "../../api/index.ts";

/** How a resource stands with the routers of one group that needs it. */
export interface Standing {
  routerClass: string;
  /** Whether the published table has the resource in any form. */
  isPublished: boolean;
  /** The form that was compiled is not the published one. */
  isPending: boolean;
  /** Routers that are ready, */
  ready: number;
  /** those of them that serve the published form, */
  programmed: number;
  /** and those that serve some form of it. */
  serving: number;
  /** What keeps the group from being as it should be. */
  trouble?: { reason: Extract<Reason, "NotPublished" | "ApplyFailed">; message: string };
  /** Why routers refused a table, each as a sentence. */
  refusals: readonly string[];
}
