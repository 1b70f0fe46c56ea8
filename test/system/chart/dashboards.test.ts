import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDashboards } from "../../support/dashboards/grafana-queries.ts";
import { chartFolder, type Rendered, useHelm } from "../../support/helm.ts";

const helm = useHelm();
const image = { repository: "registry.example/switchyard" };

const dashboardsIn = (objects: readonly Rendered[]) =>
  objects.filter(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name.endsWith("-dashboard"),
  );

describe("the dashboards of the chart", () => {
  it("are left out unless somebody wants them", async () => {
    expect(dashboardsIn(await helm().render({ image }))).toEqual([]);
  });

  it("are a ConfigMap each, with the label by which Grafana's sidecar finds them", async () => {
    const objects = dashboardsIn(await helm().render({ image, dashboards: { enabled: true } }));
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(
      ["drift", "latency", "operations", "overview", "safety"].map(
        (name) => `switchyard-operator-${name}-dashboard`,
      ),
    );
    for (const { metadata } of objects) {
      expect(metadata.namespace).toBe("switchyard-system");
      expect(metadata.labels).toMatchObject({
        grafana_dashboard: "1",
        "app.kubernetes.io/name": "switchyard",
      });
    }
    const shipped = objects.map(({ data }) => Object.entries(data as Record<string, string>));
    expect(shipped.flat().map(([, text]) => JSON.parse(text) as unknown)).toEqual(readDashboards());
    for (const [file, text] of shipped.flat()) {
      const path = join(chartFolder, "dashboards", basename(file));
      expect(text.trim()).toBe(readFileSync(path, "utf8").trim());
    }
  });

  it("bear the labels and annotations, and link to the runbooks, that values say", async () => {
    const runbooks = "https://runbooks.example/switchyard";
    const objects = dashboardsIn(
      await helm().render({
        image,
        dashboards: {
          enabled: true,
          labels: { grafana_dashboard: "yes" },
          annotations: { grafana_folder: "LLM" },
        },
        alerts: { runbooks },
      }),
    );
    expect(objects).toHaveLength(5);
    for (const { metadata, data } of objects) {
      expect(metadata.labels).toMatchObject({ grafana_dashboard: "yes" });
      expect(metadata.annotations).toEqual({ grafana_folder: "LLM" });
      const [text = ""] = Object.values(data as Record<string, string>);
      const { templating } = JSON.parse(text) as {
        templating: { list: { name: string; query: unknown }[] };
      };
      expect(templating.list.find(({ name }) => name === "runbooks")?.query).toBe(runbooks);
      expect(text).not.toContain("docs/runbooks.md");
    }
  });
});
