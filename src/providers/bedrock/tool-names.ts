import { wireId, wireName } from "./wire-name.ts";

/** The names of one request's tools as Bedrock takes them, and the way back. */
export class ToolNames {
  readonly #originals = new Map<string, string>();

  toWire(name: string): string {
    const wire = wireName(name);
    this.#originals.set(wire, name);
    return wire;
  }

  toClient(wire: string): string {
    return this.#originals.get(wire) ?? wire;
  }
}

/**
 * The ids of one request's tool calls as Bedrock takes them: no two calls share one, although
 * clients may count their calls anew in every turn.
 */
export class ToolIds {
  readonly #taken = new Set<string>();

  open(id: string): string {
    let wire = wireId(id);
    // The blank is foreign to the alphabet: what follows it always leaves a hash.
    for (let count = 2; this.#taken.has(wire); count += 1) wire = wireId(`${id} ${count}`);
    this.#taken.add(wire);
    return wire;
  }
}
