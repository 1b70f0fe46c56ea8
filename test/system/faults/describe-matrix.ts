import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isTrouble } from "../../support/log-trouble.ts";
import { onlyRecordOf } from "../../support/send.ts";
import { countResources, settledResources } from "../load/resources.ts";
import { cellsOf } from "./cells.ts";
import { expectedOf } from "./expected.ts";
import { ask } from "./seen.ts";
import { openStage, type Stage, type Transport } from "./stage.ts";
import {
  verifyAttempts,
  verifyClient,
  verifyRecord,
  verifyState,
  verifyUpstream,
} from "./verify.ts";
import type { ProviderType } from "./wire.ts";

const transports: readonly Transport[] = ["Lean", "Sdk"];

/**
 * Every fault that one provider's wire can show, met by a router that asks through its own clients.
 * No fault passes by itself while a test lives: whoever waited for that would fail by the test's limit.
 */
export function describeMatrix(provider: ProviderType): void {
  describe.each(transports)(`a router before ${provider}, transport %s, meets`, (transport) => {
    let stage: Stage;
    let before: Record<string, number>;

    beforeAll(async () => {
      before = countResources();
      stage = await openStage(provider, transport);
    });

    afterAll(async () => stage.stop());

    it.concurrent.for(cellsOf(provider))("$title", async (cell, context) => {
      const { local } = stage;
      const seen = await ask(local, cell.name, cell.streamed, () => stage.heard(cell));
      const expected = expectedOf(cell);
      const record = await onlyRecordOf(local, seen.requestId);
      verifyAttempts(record, seen, expected);
      verifyClient(seen, cell, expected);
      verifyRecord(record, seen, cell, expected);
      await verifyUpstream(context.expect, stage, cell, expected);
      await verifyState(stage, cell, expected);
    });

    it("all of them, and leaves no socket, timer or complaint behind", async () => {
      await expect.poll(() => stage.mute.open()).toBe(0);
      expect(stage.local.log.filter(isTrouble)).toEqual([]);
      await stage.stop();
      expect(await settledResources(before)).toEqual({});
    });
  });
}
