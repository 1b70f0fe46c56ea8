// The report of drift beside a local router: it pins while it stands, and metrics and console show it.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { driftFinding, driftReport, routeDrift } from "../../support/drift-report.ts";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

let home: string;
let router: SwitchyardProcess | undefined;

afterEach(async () => {
  await router?.kill();
  await rm(home, { recursive: true, force: true });
});

const pinned = {
  since: Date.UTC(2026, 10, 28),
  reason: "Accuracy of lite fell.",
  backends: ["lite"],
  changedAt: Date.UTC(2026, 10, 27),
};

async function report(pin: typeof pinned | null): Promise<void> {
  const finding = driftFinding({ key: { route: "chat", backend: "lite", tenant: null } });
  const content = driftReport({ chat: routeDrift({ pinned: pin, series: [finding] }) });
  await writeFile(join(home, "records", "drift", "drift.json"), JSON.stringify(content));
}

test("a local router follows the pins of the report beside its records, and shows it", async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-local-drift-"));
  await mkdir(join(home, "config"));
  await mkdir(join(home, "records", "drift"), { recursive: true });
  const route = routeOf("chat", ["lite", "pro"], {
    access: "Anonymous",
    baseline: { name: "pro" },
    selection: { type: "Ordered" },
    drift: { onAccuracyDrift: "PinBaseline" },
  });
  const resources = [backendOf("lite"), backendOf("pro"), route];
  await writeFile(join(home, "config", "all.yaml"), yamlOf(resources));
  const places = ["--config", join(home, "config"), "--record", join(home, "records")];
  router = new SwitchyardProcess([
    "local",
    ...places,
    "--port",
    "0",
    "--admin-port",
    "0",
    "--speed",
    "1000",
  ]);
  const [, url = ""] = await router.prints(/API +(http:\S+?)(?:\/v1)?\s/);
  const [, admin = ""] = await router.prints(/console +(http:\S+)\/console/);
  const served = async (): Promise<string[]> => {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hi" }] }),
    });
    return ["backend", "reason"].map((name) => answer.headers.get(`x-switchyard-${name}`) ?? "");
  };
  const patient = { timeout: 20_000, interval: 250 };
  expect(await served()).toEqual(["lite", "ordered"]);
  await report(pinned);
  await expect.poll(served, patient).toEqual(["pro", "pinned"]);
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  expect(metrics).toMatch(/switchyard_drift_state\{.*switchyard_state="drifted"\} 1/);
  expect(await (await fetch(`${admin}/console`)).text()).toContain(driftFinding().sentence);
  await report(null);
  await expect.poll(served, patient).toEqual(["lite", "ordered"]);
}, 90_000);
