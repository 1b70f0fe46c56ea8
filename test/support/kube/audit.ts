// What an API server notes of the writes that it took, whoever made them.
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";

const policy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "Metadata", verbs: ["create", "update", "patch", "delete", "deletecollection"] },
    { level: "None" },
  ],
};

export async function writeAuditPolicy(folder: string): Promise<{ policy: string; log: string }> {
  const path = join(folder, "audit-policy.json");
  await writeFile(path, JSON.stringify(policy));
  return { policy: path, log: join(folder, "audit.log") };
}

/** A write that the API server took. */
export interface AuditedWrite {
  verb: string;
  /** With its subresource: `modelroutes/status`. */
  resource: string;
  namespace: string;
  name: string;
  /** Who owns the fields, where the call says so. */
  fieldManager: string | undefined;
}

interface AuditEvent {
  verb: string;
  requestURI: string;
  objectRef?: { resource?: string; subresource?: string; namespace?: string; name?: string };
  responseStatus?: { code?: number };
}

/** Reads the log from where it last ended. */
export class AuditReader {
  readonly #path: string;
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The writes of a namespace that were taken since the last call. */
  async next(namespace: string): Promise<AuditedWrite[]> {
    const lines = await this.#freshLines();
    return lines
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter(({ responseStatus }) => (responseStatus?.code ?? 500) < 300)
      .map(writeOf)
      .filter((write) => write.namespace === namespace);
  }

  async #freshLines(): Promise<string[]> {
    const file = await open(this.#path, "r");
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(size - this.#offset);
      await file.read(bytes, 0, bytes.length, this.#offset);
      const whole = bytes.subarray(0, bytes.lastIndexOf("\n") + 1);
      this.#offset += whole.length;
      return whole.toString("utf8").split("\n").slice(0, -1);
    } finally {
      await file.close();
    }
  }
}

function writeOf({ verb, requestURI, objectRef = {} }: AuditEvent): AuditedWrite {
  const { resource = "", subresource, namespace = "", name = "" } = objectRef;
  const query = new URL(requestURI, "https://api").searchParams;
  return {
    verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    fieldManager: query.get("fieldManager") ?? undefined,
  };
}
