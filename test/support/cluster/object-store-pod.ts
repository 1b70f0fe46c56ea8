import type { Cluster } from "./cluster.ts";
import { readParts } from "./cluster-parts.ts";
import { objectStoreImage } from "./images.ts";
import { words } from "./words.ts";

export const objectStorePort = 7070;
const labels = { app: "objects" };

/**
 * An S3-compatible store in a namespace, of which nothing is left when its pod goes; it makes no bucket.
 *
 * @returns how it is called from anywhere in the cluster
 */
export async function runObjectStore(
  cluster: Cluster,
  namespace: string,
  key: { accessKeyId: string; secretAccessKey: string },
): Promise<string> {
  await cluster.loadImage(readParts().images.objectStore);
  await cluster.kubectl(
    words`-n ${namespace} apply -f -`,
    JSON.stringify({ apiVersion: "v1", kind: "List", items: [deployment(key), service] }),
  );
  await cluster.kubectl(words`-n ${namespace} rollout status deployment/objects --timeout=90s`);
  return `http://objects.${namespace}.svc:${objectStorePort}`;
}

const deployment = (key: { accessKeyId: string; secretAccessKey: string }) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "objects" },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        securityContext: { runAsNonRoot: true, runAsUser: 65_532, fsGroup: 65_532 },
        containers: [
          {
            name: "objects",
            image: objectStoreImage,
            imagePullPolicy: "Never",
            args: [
              ...words`--port :${String(objectStorePort)} --region eu-central-1 --quiet`,
              ...words`--access ${key.accessKeyId} --secret ${key.secretAccessKey}`,
              ...words`posix --sidecar /attributes /objects`,
            ],
            volumeMounts: ["objects", "attributes"].map((name) => ({
              name,
              mountPath: `/${name}`,
            })),
            readinessProbe: { tcpSocket: { port: objectStorePort }, periodSeconds: 1 },
          },
        ],
        volumes: ["objects", "attributes"].map((name) => ({ name, emptyDir: {} })),
      },
    },
  },
});

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "objects" },
  spec: { selector: labels, ports: [{ port: objectStorePort }] },
};
