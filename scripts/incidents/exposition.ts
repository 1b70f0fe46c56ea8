/** One sample of a scrape. */
export interface Sample {
  name: string;
  /** As they stand between the braces; empty where there are none. */
  labels: string;
  value: number;
  type: string;
}

const typeLine = /^# TYPE (\S+) (\S+)$/;
const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const partOfHistogram = /_(?:bucket|sum|count)$/;

/** Reads what `/metrics` gives, in Prometheus' text format. */
export function readExposition(text: string): Sample[] {
  const lines = text.split("\n");
  const types = new Map(lines.flatMap((line) => typeOf(line)));
  return lines.flatMap((line) => sampleOf(line, types));
}

function typeOf(line: string): [family: string, type: string][] {
  const [, family, type] = typeLine.exec(line) ?? [];
  return family === undefined || type === undefined ? [] : [[family, type]];
}

function sampleOf(line: string, types: ReadonlyMap<string, string>): Sample[] {
  const [, name, labels = "", value] = sampleLine.exec(line) ?? [];
  if (name === undefined) return [];
  const type = types.get(name) ?? types.get(name.replace(partOfHistogram, "")) ?? "untyped";
  return [{ name, labels, value: Number(value), type }];
}
