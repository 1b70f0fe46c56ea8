import type { Kind } from "../kinds/kind-names.ts";
import type { Path } from "./problem.ts";

/** What YAML 1.1 makes of a bare `on`, and what a quoted one is. */
const spellings = ["true", "on"] as const;

export interface FallbackOn {
  spec: unknown;
  path: Path;
  message: string;
}

/**
 * `fallback.when` is what other gateways call `on`, and the hand writes that by itself. What is meant
 * is plain, so it is taken for `when`, and said: kubectl would refuse the file.
 */
export function readFallbackOn(kind: Kind, spec: unknown): FallbackOn | undefined {
  const fallback = (spec as { fallback?: unknown } | null | undefined)?.fallback;
  if (kind !== "ModelRoute" || typeof fallback !== "object" || fallback === null) return undefined;
  const spelling = spellings.find((each) => Object.hasOwn(fallback, each));
  if (spelling === undefined || Object.hasOwn(fallback, "when")) return undefined;
  const { [spelling]: when, ...others } = fallback as Record<string, unknown>;
  return {
    spec: { ...(spec as object), fallback: { ...others, when } },
    path: ["spec", "fallback", spelling],
    message:
      "Write when in place of on: it is taken for that here, and kubectl, which reads a bare on as true, would refuse it.",
  };
}
