import type { Kind } from "../kinds/kind-names.ts";
import type { Path, Problem } from "./problem.ts";

/** Where a manifest was written down. */
export interface Source {
  file: string;
  /** The first line of the document, counted from 1. */
  line: number;
  /** The line of a field, or of the nearest member above it that is there. */
  lineOf: (path: Path) => number;
}

export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  /** RFC 3339. */
  creationTimestamp?: string;
  annotations: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
}

/** A resource of ours that is known by kind and name, and whose `spec` nobody has checked yet. */
export interface Manifest {
  apiVersion: string;
  kind: Kind;
  metadata: Metadata;
  spec: unknown;
  source?: Source;
  /** What is wrong outside of `spec`; `parseResource` gives it back with its own. */
  problems?: readonly Problem[];
}
