import type { Transport } from "../table/index.ts";
import type { Callee } from "./contract.ts";

interface Closable {
  close(): void;
}

/** How each transport is made, once a backend asks for it. */
export type MakeTransports<Kind> = Readonly<Record<Transport, () => Kind | Promise<Kind>>>;

/** The transports of one provider; each is made when a backend first asks for it. */
export class Transports<Kind extends Closable> {
  readonly #make: MakeTransports<Kind>;
  readonly #made = new Map<Transport, Kind | Promise<Kind>>();

  constructor(make: MakeTransports<Kind>) {
    this.#make = make;
  }

  /** Those of a backend that asks for none are Lean. */
  of({ target }: Callee): Kind | Promise<Kind> {
    const { transport = "Lean" } = target;
    const made = this.#made.get(transport) ?? this.#make[transport]();
    this.#made.set(transport, made);
    return made;
  }

  async close(): Promise<void> {
    const made = [...this.#made.values()];
    this.#made.clear();
    for (const transport of made) (await transport).close();
  }
}
