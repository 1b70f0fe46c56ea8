// A kind of custom resource that is nobody's, to try the room of the API server with.
import type { Connection, KubeObject, ResourceType } from "../../../src/kube/index.ts";
import type { ControlPlane } from "./control-plane.ts";

export const widgetType: ResourceType = {
  group: "example.test",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  namespaced: true,
};

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.test" },
  spec: {
    group: "example.test",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: { note: { type: "string" }, size: { type: "integer" } },
              },
              status: { type: "object", properties: { note: { type: "string" } } },
            },
          },
        },
      },
    ],
  },
};

export interface Widget extends KubeObject {
  spec?: { note?: string; size?: number };
}

export const widget = (namespace: string, name: string, note: string): Widget => ({
  apiVersion: "example.test/v1",
  kind: "Widget",
  metadata: { namespace, name },
  spec: { note },
});

export async function installWidgets({ kubectl }: Pick<ControlPlane, "kubectl">): Promise<void> {
  await kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(definition));
  await kubectl(["wait", "--for=condition=Established", "crd/widgets.example.test"]);
}

/** Eight at a time, on connections that are kept. */
export async function createWidgets(
  connection: Connection,
  namespace: string,
  count: number,
): Promise<void> {
  const path = `/apis/example.test/v1/namespaces/${namespace}/widgets`;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const body = widget(namespace, `widget-${next}`, `note ${next} ${"x".repeat(500)}`);
      await connection.json({ method: "POST", path, body });
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}
