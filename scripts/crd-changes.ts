// What a CRD no longer takes that an earlier one took. Pure: two parsed CRDs in, sentences out. Between
// a release and the next, resources that people have must stay valid; a conversion webhook there is not.

type Node = Readonly<Record<string, unknown>>;

/** One way in which a schema may ask for more than it did; each gives the ends of sentences. */
type Comparison = (before: Node, after: Node) => string[];

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;
const nodeOf = (value: unknown): Node => (isNode(value) ? value : {});
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const shown = (value: unknown): string => JSON.stringify(value) ?? "nothing";

const typeChanged: Comparison = (before, after) =>
  ["type", "format", "x-kubernetes-int-or-string"]
    .filter((keyword) => shown(before[keyword]) !== shown(after[keyword]))
    // A format that is let go of takes everything that it took.
    .filter((keyword) => keyword !== "format" || after[keyword] !== undefined)
    .map((keyword) => `${keyword} was ${shown(before[keyword])} and is ${shown(after[keyword])}`);

const enumNarrowed: Comparison = (before, after) => {
  if (after["enum"] === undefined) return [];
  if (before["enum"] === undefined) return ["takes only certain values, and took any"];
  const left = new Set(listOf(after["enum"]).map(shown));
  const lost = listOf(before["enum"]).map(shown);
  return lost.filter((value) => !left.has(value)).map((value) => `takes ${value} no longer`);
};

const ceilings = ["maximum", "maxLength", "maxItems", "maxProperties"];
const floors = ["minimum", "minLength", "minItems", "minProperties"];

const boundsNarrowed: Comparison = (before, after) => {
  const isTighter = (keyword: string): boolean => {
    const [was, is] = [before[keyword], after[keyword]];
    if (typeof is !== "number") return false;
    if (typeof was !== "number") return true;
    return ceilings.includes(keyword) ? is < was : is > was;
  };
  return [...ceilings, ...floors]
    .filter(isTighter)
    .map((keyword) => `${keyword} was ${shown(before[keyword])} and is ${shown(after[keyword])}`);
};

/** Which of two expressions takes more cannot be told: any other one counts. */
const patternChanged: Comparison = (before, after) =>
  after["pattern"] === undefined || after["pattern"] === before["pattern"]
    ? []
    : [`pattern was ${shown(before["pattern"])} and is ${shown(after["pattern"])}`];

const rulesAdded: Comparison = (before, after) => {
  const rules = (node: Node): string[] =>
    listOf(node["x-kubernetes-validations"]).map((each) => String(nodeOf(each)["rule"]));
  const known = rules(before);
  return rules(after)
    .filter((rule) => !known.includes(rule))
    .map((rule) => `has the new rule ${rule}`);
};

const newlyRequired: Comparison = (before, after) => {
  const demanded = (node: Node): string[] => {
    const properties = nodeOf(node["properties"]);
    return listOf(node["required"])
      .map(String)
      .filter((name) => nodeOf(properties[name])["default"] === undefined);
  };
  const known = demanded(before);
  return demanded(after)
    .filter((name) => !known.includes(name))
    .map((name) => `must have ${name}, which has no default`);
};

const listMerging: Comparison = (before, after) =>
  ["x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type"]
    .filter((keyword) => shown(before[keyword]) !== shown(after[keyword]))
    .map((keyword) => `${keyword} was ${shown(before[keyword])} and is ${shown(after[keyword])}`);

const nullRefused: Comparison = (before, after) =>
  before["nullable"] === true && after["nullable"] !== true ? ["takes null no longer"] : [];

const comparisons: readonly Comparison[] = [
  typeChanged,
  enumNarrowed,
  boundsNarrowed,
  patternChanged,
  rulesAdded,
  newlyRequired,
  listMerging,
  nullRefused,
];

function schemaChanges(before: Node, after: Node, path: string): string[] {
  const own = comparisons.flatMap((compare) => compare(before, after));
  return [
    ...own.map((change) => `${path === "" ? "(root)" : path} ${change}`),
    ...memberChanges(before, after, path),
  ];
}

function memberChanges(before: Node, after: Node, path: string): string[] {
  const kept = after["x-kubernetes-preserve-unknown-fields"] === true;
  const free = nodeOf(after["additionalProperties"]);
  const successors = nodeOf(after["properties"]);
  const named = Object.entries(nodeOf(before["properties"])).flatMap(([name, member]) => {
    const successor =
      successors[name] ?? (kept || isNode(after["additionalProperties"]) ? free : undefined);
    const at = `${path}.${name}`;
    return successor === undefined ? [`${at} is gone`] : within(member, successor, at);
  });
  return [
    ...named,
    ...partChanges(before, after, { keyword: "items", at: `${path}[]` }),
    ...(kept
      ? []
      : partChanges(before, after, { keyword: "additionalProperties", at: `${path}.*` })),
    ...(before["x-kubernetes-preserve-unknown-fields"] === true && !kept
      ? [`${path} keeps unknown fields no longer`]
      : []),
  ];
}

function partChanges(before: Node, after: Node, part: { keyword: string; at: string }): string[] {
  const [was, is] = [before[part.keyword], after[part.keyword]];
  if (!isNode(was)) return [];
  return isNode(is) ? within(was, is, part.at) : [`${part.at} is gone`];
}

const within = (before: unknown, after: unknown, path: string): string[] =>
  schemaChanges(nodeOf(before), nodeOf(after), path);

function versionsOf(definition: Node): Map<string, Node> {
  const versions = listOf(nodeOf(definition["spec"])["versions"]).map(nodeOf);
  return new Map(versions.map((version) => [String(version["name"]), version]));
}

const schemaOf = (version: Node): Node => nodeOf(nodeOf(version["schema"])["openAPIV3Schema"]);

function versionChanges(name: string, before: Node, after: Node | undefined): string[] {
  if (before["served"] !== true) return [];
  if (after === undefined) return [`version ${name} is gone`];
  if (after["served"] !== true) return [`version ${name} is served no longer`];
  const subresources = Object.keys(nodeOf(before["subresources"]))
    .filter((each) => !(each in nodeOf(after["subresources"])))
    .map((each) => `version ${name} has the subresource ${each} no longer`);
  const changes = schemaChanges(schemaOf(before), schemaOf(after), "");
  return [...subresources, ...changes.map((change) => `${name}: ${change}`)];
}

/** By which people and programs name the kind. */
function identityChanges(before: Node, after: Node): string[] {
  const identity = ({ spec }: Node): Readonly<Record<string, unknown>> => {
    const { group, scope, names } = nodeOf(spec);
    const { kind, plural, shortNames } = nodeOf(names);
    return { group, scope, kind, plural, shortNames };
  };
  const [was, is] = [identity(before), identity(after)];
  return Object.keys(was)
    .filter((key) => shown(was[key]) !== shown(is[key]))
    .map((key) => `${key} was ${shown(was[key])} and is ${shown(is[key])}`);
}

/**
 * What worked with one CRD and does not with another: removed fields and versions, changed types,
 * narrowed bounds, new duties. What became wider or was added is nothing to be told.
 *
 * @returns a sentence each, without a full stop, with its version and path; empty where all that was valid still is
 */
export function breakingChanges(before: unknown, after: unknown): string[] {
  const [was, is] = [nodeOf(before), nodeOf(after)];
  const successors = versionsOf(is);
  return [
    ...identityChanges(was, is),
    ...[...versionsOf(was)].flatMap(([name, version]) =>
      versionChanges(name, version, successors.get(name)),
    ),
  ];
}
