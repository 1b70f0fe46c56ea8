import { awaitCondition } from "./await-condition.ts";
import type { Cluster } from "./cluster.ts";
import { startJsonServer } from "./json-server.ts";
import { words } from "./words.ts";

/** A write that the API server is asked for, and will not make. */
export interface HeldWrite {
  /** Resolves when somebody waits for it; rejects where nobody does for half a minute. */
  asked: Promise<void>;
  /** Refuses it, and lets all later ones through. */
  refuse: () => Promise<void>;
}

interface ConfigMapName {
  namespace: string;
  name: string;
}

interface Review {
  request: { uid: string; dryRun?: boolean };
}

const patienceMs = 30_000;
const configurationName = "held-write";

/**
 * Holds the next write of a ConfigMap that is there, by a webhook of admission, for less than half a
 * minute: so a test can act at the one moment when its writer has done all that comes before.
 */
export async function holdNextWrite(
  cluster: Cluster,
  configMap: ConfigMapName,
): Promise<HeldWrite> {
  const { hostAddress, kubectl } = cluster;
  const [asked, refused] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  asked.promise.catch(() => undefined);
  const inVain = () => asked.reject(new Error(`Nobody has written ${configMap.name}`));
  const timer = setTimeout(inVain, patienceMs);
  const seen = { rehearsals: 0, writes: 0 };

  /** Whether it is allowed. */
  const judge = async ({ request: { dryRun } }: Review): Promise<boolean> => {
    if (dryRun === true) return (seen.rehearsals += 1) > 0;
    if ((seen.writes += 1) > 1) return true;
    asked.resolve();
    await refused.promise;
    return false;
  };
  const server = await startJsonServer(hostAddress, async (_, body) => {
    const review = JSON.parse(body) as Review;
    return { ...review, response: { uid: review.request.uid, allowed: await judge(review) } };
  });
  const url = `https://${hostAddress}:${server.port}/`;
  const hook = configurationOf(configMap, { url, caBundle: server.caBundle });
  await kubectl(words`apply -f -`, JSON.stringify(hook));

  // The API server learns of its webhooks a little after it was told of them.
  const becomes = (active: boolean): Promise<void> =>
    awaitCondition(async () => (await isActive()) === active, {
      that: `writes of ${configMap.name} are ${active ? "held" : "free"}`,
      limitMs: patienceMs,
      tell: () => kubectl(words`get validatingwebhookconfigurations -o yaml`),
    });
  const isActive = async (): Promise<boolean> => {
    const before = seen.rehearsals;
    const { namespace, name } = configMap;
    const stamp = `switchyard.dev/rehearsal=${Date.now()}`;
    await kubectl(words`-n ${namespace} annotate configmap ${name} ${stamp} --dry-run=server`);
    return seen.rehearsals > before;
  };
  const refuse = async (): Promise<void> => {
    clearTimeout(timer);
    refused.resolve();
    await kubectl(words`delete validatingwebhookconfiguration ${configurationName}`);
    await becomes(false);
    server.close();
  };
  await becomes(true);
  return { asked: asked.promise, refuse };
}

const configurationOf = (
  { namespace, name }: ConfigMapName,
  clientConfig: { url: string; caBundle: string },
): object => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingWebhookConfiguration",
  metadata: { name: configurationName },
  webhooks: [
    {
      name: "held-write.switchyard.dev",
      clientConfig,
      rules: [
        { apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["configmaps"] },
      ],
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      matchConditions: [{ name: "name", expression: `object.metadata.name == '${name}'` }],
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      failurePolicy: "Fail",
      timeoutSeconds: patienceMs / 1_000,
    },
  ],
});
