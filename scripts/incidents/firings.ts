/** An alert from when it began to fire; times in milliseconds since the epoch. */
export interface Firing {
  alert: string;
  labels: Labels;
  since: number;
  /** Undefined: it fires still. */
  until: number | undefined;
}

type Labels = Readonly<Record<string, string>>;

/** What fires and has fired, out of looks at it. */
export class Firings {
  readonly all: Firing[] = [];

  /** @param firing the labels of all that fires now */
  note(firing: readonly Labels[], now: number): void {
    const keys = new Set(firing.map(keyOf));
    const open = this.all.filter(({ until }) => until === undefined);
    for (const each of open) if (!keys.has(keyOf(each.labels))) each.until = now;
    const known = new Set(open.map(({ labels }) => keyOf(labels)));
    for (const labels of firing) {
      const { alertname: alert = "" } = labels;
      if (!known.has(keyOf(labels))) this.all.push({ alert, labels, since: now, until: undefined });
    }
  }
}

const keyOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1)));
