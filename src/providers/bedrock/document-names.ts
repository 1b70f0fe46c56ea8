import { shortHash } from "./wire-name.ts";

/**
 * Names of one request's documents: Bedrock wants each once, and models read them as text. So they
 * are hashes of the contents, which also keep a cached prefix the same.
 */
export class DocumentNames {
  // Made when it is needed: most requests have no documents.
  #counts: Map<string, number> | undefined;

  name(bytes: Uint8Array): string {
    const counts = (this.#counts ??= new Map());
    const name = `document-${shortHash(bytes)}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  }
}
