/** The first tenants by name, and `other` for all who come later: each one multiplies the series. */
export class TenantLabels {
  readonly #known = new Set<string>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  labelOf(tenant: string | null): string | null {
    if (tenant === null || this.#known.has(tenant)) return tenant;
    if (this.#known.size >= this.#max) return "other";
    this.#known.add(tenant);
    return tenant;
  }
}
