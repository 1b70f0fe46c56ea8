import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { readManifests, type ConfigMapManifest } from "../api/index.ts";
import type { PlanEntry } from "../table/index.ts";
import type { Group } from "./folder-tables.ts";
import { planConfigMaps, planYaml, readPlanYaml } from "./plan-config-map.ts";
import { replaceFile } from "./replace-file.ts";

/** The plans of a local router, in a file beside its records from one start to the next. */
export class KeptPlans {
  readonly #group: Group;
  readonly #file: string;

  constructor(group: Group, file: string) {
    this.#group = group;
    this.#file = file;
  }

  /** Empty where there is no file, or somebody has spoilt it: plans are made anew then. */
  async read(): Promise<PlanEntry[]> {
    const text = await readFile(this.#file, "utf8").catch(() => undefined);
    const plans = text === undefined ? undefined : readPlanYaml(text);
    return plans?.ok === true ? plans.value : [];
  }

  async write(plans: readonly PlanEntry[]): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    await replaceFile(this.#file, this.#yaml(plans));
  }

  /** As a folder takes them. */
  configMaps(plans: readonly PlanEntry[]): readonly ConfigMapManifest[] {
    return plans.length === 0 ? [] : readManifests(this.#yaml(plans), this.#file).configMaps;
  }

  #yaml(plans: readonly PlanEntry[]): string {
    return planYaml(planConfigMaps(this.#group, plans));
  }
}
