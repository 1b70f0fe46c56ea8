import { etcdUrl } from "./addresses.ts";

/**
 * Lets etcd forget every version that anybody has seen: a new one is made, and what came before it is
 * compacted away.
 *
 * @throws Error with what etcd said
 */
export async function forgetVersions(): Promise<void> {
  const [key, value] = ["switchyard/forgotten", new Date().toISOString()].map(btoa);
  const { header } = await call<{ header: { revision: string } }>("kv/put", { key, value });
  await call("kv/compaction", { revision: header.revision, physical: true });
}

async function call<Answer>(what: string, body: object): Promise<Answer> {
  const response = await fetch(`${etcdUrl}/v3/${what}`, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`etcd refuses ${what}: ${await response.text()}`);
  return (await response.json()) as Answer;
}
