// The chart's alerts, as its values make them, held against what the Prometheus operator's CRD allows.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { rulesText, withThresholds } from "../../../scripts/alerts/rules.ts";
import { theOne, useHelm } from "../../support/helm.ts";
import {
  prometheusBuildLimitMs,
  promtool,
  prometheusBinaries,
} from "../../support/prometheus/promtool.ts";

const duration = z
  .string()
  .regex(
    /^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$/,
  );
const texts = z.record(z.string(), z.string());

/** `monitoring.coreos.com/v1`, as far as rules use it; the API server drops what it does not know. */
const prometheusRule = z.strictObject({
  apiVersion: z.literal("monitoring.coreos.com/v1"),
  kind: z.literal("PrometheusRule"),
  metadata: z.strictObject({ name: z.string(), namespace: z.string(), labels: texts }),
  spec: z.strictObject({
    groups: z.array(
      z.strictObject({
        name: z.string().min(1),
        interval: duration.optional(),
        rules: z.array(
          z.union([
            z.strictObject({ record: z.string(), expr: z.string(), labels: texts.optional() }),
            z.strictObject({
              alert: z.string(),
              expr: z.string(),
              for: duration.optional(),
              keep_firing_for: duration.min(1).optional(),
              labels: texts,
              annotations: texts,
            }),
          ]),
        ),
      }),
    ),
  }),
});

const helm = useHelm();
let folder: string;

beforeAll(async () => {
  await prometheusBinaries();
  folder = await mkdtemp(join(tmpdir(), "switchyard-chart-alerts-"));
}, prometheusBuildLimitMs);
afterAll(() => rm(folder, { recursive: true, force: true }));

const image = { repository: "registry.example/switchyard" };
const rendered = async (alerts: object) =>
  theOne(await helm().render({ image, alerts: { enabled: true, ...alerts } }), "PrometheusRule");

describe("the chart's alerts", () => {
  it("are left out unless they are asked for", async () => {
    const kinds = (await helm().render({ image })).map(({ kind }) => kind);
    expect(kinds).not.toContain("PrometheusRule");
  });

  it("are those of the rule file, in the form of the CRD, and promtool takes them", async () => {
    const object = await rendered({ labels: { release: "prometheus" } });
    const { metadata, spec } = prometheusRule.parse(object);
    expect(metadata.labels).toMatchObject({
      release: "prometheus",
      "app.kubernetes.io/name": "switchyard",
    });
    expect(spec).toEqual(parse(withThresholds(rulesText(), "docs/runbooks.md")));
    const file = join(folder, "rules.yaml");
    await writeFile(file, stringify(spec));
    expect(await promtool("check", "rules", file)).toContain("SUCCESS");
  });

  it("take thresholds and the runbooks' address from the values", async () => {
    const changes = { availabilityPercent: 99.95, tableStaleSeconds: 600, unlabelledHours: 48 };
    const object = await rendered({
      runbooks: "https://wiki.example/switchyard",
      thresholds: changes,
    });
    expect(object["spec"]).toEqual(
      parse(withThresholds(rulesText(), "https://wiki.example/switchyard", changes)),
    );
    const text = JSON.stringify(object);
    expect(text).toContain("(100 - 99.95) / 100");
    expect(text).toContain("> 600");
    expect(text).toContain("[48h]");
    expect(text).toContain("https://wiki.example/switchyard#switchyardtablestale");
  });

  it.each([
    [
      "a threshold that does not exist",
      { thresholds: { avilabilityPercent: 99 } },
      /avilabilityPercent/,
    ],
    ["a share above a hundred", { thresholds: { fallbackPercent: 120 } }, /fallbackPercent/],
    ["hours that are no whole number", { thresholds: { unlabelledHours: 1.5 } }, /unlabelledHours/],
  ])("refuse %s", async (_, alerts, complaint) => {
    await expect(rendered(alerts)).rejects.toThrow(complaint);
  });
});
