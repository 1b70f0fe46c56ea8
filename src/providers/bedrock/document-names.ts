import { shortHash } from "./wire-name.ts";

/**
 * Names of one request's documents: Bedrock wants each once, and models read them as text. So they
 * are hashes of the contents, which also keep a cached prefix the same.
 */
export class DocumentNames {
  readonly #counts = new Map<string, number>();

  name(bytes: Uint8Array): string {
    const name = `document-${shortHash(bytes)}`;
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  }
}
