import { afterAll, beforeAll, beforeEach } from "vitest";
import { controlPlaneBinaries, resolveBinaries, resolveLimitMs } from "./binaries.ts";
import {
  startControlPlane,
  startLimitMs,
  type ControlPlane,
  type ControlPlaneOptions,
} from "./control-plane.ts";

const prepareLimitMs = 60_000;

/**
 * Gives the tests of a file or suite one control plane between them. Where its binaries can neither
 * be found nor built, each of these tests is reported as skipped with the reason.
 *
 * @param prepare runs once before the first test, where there is a control plane
 */
export function useControlPlane(
  options: ControlPlaneOptions = {},
  prepare: (controlPlane: ControlPlane) => Promise<void> = () => Promise.resolve(),
): () => ControlPlane {
  let started: ControlPlane | undefined;
  let missing: string | undefined;

  beforeAll(
    async () => {
      const binaries = await resolveBinaries(controlPlaneBinaries);
      if (!binaries.ok) {
        missing = binaries.error;
        // Reporters fold skipped tests away, reasons and all.
        process.stderr.write(`Skipping tests on a real Kubernetes: ${missing}\n`);
        return;
      }
      started = await startControlPlane(options);
      await prepare(started);
    },
    resolveLimitMs + startLimitMs + prepareLimitMs,
  );

  beforeEach((context) => {
    if (missing !== undefined) context.skip(missing);
  });

  afterAll(() => started?.stop());

  return () => {
    if (started === undefined) throw new Error("The control plane is there only inside a test");
    return started;
  };
}
