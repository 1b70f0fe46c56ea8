/** What the operator counts, in Prometheus' text format. */
export class OperatorMetrics {
  readonly #counters = new Map<string, { help: string; value: number }>();
  readonly #buckets = boundaries.map(() => 0);
  #seconds = 0;
  #reconciles = 0;
  isLeader: () => boolean = () => false;

  reconciled(seconds: number): void {
    this.#seconds += seconds;
    this.#reconciles += 1;
    for (const [index, bound] of boundaries.entries()) {
      if (seconds <= bound) this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
    }
  }

  published(): void {
    this.#add("switchyard_operator_tables_published_total", "Tables published");
  }

  failed(): void {
    this.#add("switchyard_operator_reconcile_errors_total", "Reconciles that are tried again");
  }

  statusWritten(): void {
    this.#add("switchyard_operator_statuses_written_total", "Statuses written");
  }

  text(): string {
    const counters = [...this.#counters].map(
      ([name, { help, value }]) =>
        `# HELP ${name} ${help}\n# TYPE ${name} counter\n${name} ${value}\n`,
    );
    const name = "switchyard_operator_reconcile_seconds";
    const buckets = boundaries.map(
      (bound, index) => `${name}_bucket{le="${bound}"} ${this.#buckets[index]}\n`,
    );
    return [
      "# HELP switchyard_operator_leader 1 where this process leads\n",
      "# TYPE switchyard_operator_leader gauge\n",
      `switchyard_operator_leader ${this.isLeader() ? 1 : 0}\n`,
      ...counters,
      `# HELP ${name} Time to reconcile a namespace\n# TYPE ${name} histogram\n`,
      ...buckets,
      `${name}_bucket{le="+Inf"} ${this.#reconciles}\n`,
      `${name}_sum ${this.#seconds}\n${name}_count ${this.#reconciles}\n`,
    ].join("");
  }

  #add(name: string, help: string): void {
    const counter = this.#counters.get(name);
    if (counter === undefined) this.#counters.set(name, { help, value: 1 });
    else counter.value += 1;
  }
}

const boundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
