import { beforeAll, describe, expect, it } from "vitest";
import { noisyHour, noisyMinutes } from "../../support/alerts/noisy-hour.ts";
import { playToAll } from "../../support/alerts/promtool-story.ts";
import { prometheusBinaries, prometheusBuildLimitMs } from "../../support/prometheus/promtool.ts";

beforeAll(async () => {
  await prometheusBinaries();
}, prometheusBuildLimitMs);

describe("an hour and a quarter with a little of every trouble", () => {
  it.each([1, 2, 3])("never alerts: seed %i", async (seed) => {
    await expect(playToAll(noisyHour(seed), noisyMinutes, [])).resolves.toBeUndefined();
  });

  it("alerts on a backend of which a fifth fails at its end, and on nothing else", async () => {
    const hour = noisyHour(4, "haiku");
    await expect(
      playToAll(hour, noisyMinutes, ["SwitchyardBackendFailing"]),
    ).resolves.toBeUndefined();
  });
});
