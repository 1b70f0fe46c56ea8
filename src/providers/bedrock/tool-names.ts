import { wireId, wireName } from "./wire-name.ts";

/** The names of one request's tools as Bedrock takes them, and the way back. */
export class ToolNames {
  // Made when it is needed: most requests have no tools.
  #originals: Map<string, string> | undefined;

  toWire(name: string): string {
    const wire = wireName(name);
    this.#originals ??= new Map();
    this.#originals.set(wire, name);
    return wire;
  }

  toClient(wire: string): string {
    return this.#originals?.get(wire) ?? wire;
  }
}

/**
 * The ids of one request's tool calls as Bedrock takes them: no two calls share one, although
 * clients may count their calls anew in every turn.
 */
export class ToolIds {
  #taken: Set<string> | undefined;

  open(id: string): string {
    const taken = (this.#taken ??= new Set());
    let wire = wireId(id);
    // The blank is foreign to the alphabet: what follows it always leaves a hash.
    for (let count = 2; taken.has(wire); count += 1) wire = wireId(`${id} ${count}`);
    taken.add(wire);
    return wire;
  }
}
