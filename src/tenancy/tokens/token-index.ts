import { canonicalJson, canonicalText } from "../../lib/index.ts";
import type {
  KeySource,
  RoutingTable,
  SignatureAlgorithm,
  TenantEntry,
  TokenEntry,
} from "../../table/index.ts";

/** Whose keys verify tokens: an issuer, and where its keys are. */
export interface IssuerPlace {
  /** As tokens' `iss` has it; absent: what the API server says that it is. */
  issuer?: string;
  keys: KeySource;
}

export interface TokenSubject {
  tenant: TenantEntry;
  token: TokenEntry;
}

/** The subjects whose tokens are verified with the same keys. */
export interface IssuerGroup extends IssuerPlace {
  /** Its place as one text. */
  id: string;
  /** Those that any of the subjects takes. */
  algorithms: readonly SignatureAlgorithm[];
  /** The oldest policy's first, then by the tenant's name: the first that a token fits has it. */
  subjects: readonly TokenSubject[];
}

/** The subjects of a table that are known by tokens; built once a snapshot. */
export interface TokenIndex {
  groups: readonly IssuerGroup[];
  byIssuer: ReadonlyMap<string, readonly IssuerGroup[]>;
  /** What the API server says who it is. */
  cluster: IssuerGroup | undefined;
  /** Of all that the index was made from. */
  content: string;
}

/**
 * @param previous given again where nothing of it is another, so that what was verified by it stays verified
 */
export function buildTokenIndex(
  table: Pick<RoutingTable, "tenants">,
  previous?: TokenIndex,
): TokenIndex {
  const tenants = Object.values(table.tenants).filter(({ tokens = [] }) => tokens.length > 0);
  const content = tenants.map(canonicalText).toSorted().join("\n");
  if (content === previous?.content) return previous;
  const groups = groupsOf(tenants);
  const byIssuer = new Map<string, IssuerGroup[]>();
  for (const group of groups) {
    if (group.issuer === undefined) continue;
    byIssuer.set(group.issuer, [...(byIssuer.get(group.issuer) ?? []), group]);
  }
  return { groups, byIssuer, cluster: groups.find(({ issuer }) => issuer === undefined), content };
}

function groupsOf(tenants: readonly TenantEntry[]): IssuerGroup[] {
  const subjects = tenants.flatMap((tenant) =>
    (tenant.tokens ?? []).map((token): TokenSubject => ({ tenant, token })),
  );
  const byPlace = new Map<string, TokenSubject[]>();
  for (const subject of subjects.toSorted(bySeniority)) {
    const id = placeId(subject.token);
    byPlace.set(id, [...(byPlace.get(id) ?? []), subject]);
  }
  return [...byPlace].flatMap(([id, members]) => {
    const [first] = members;
    if (first === undefined) return [];
    const { issuer, keys } = first.token;
    const algorithms = [...new Set(members.flatMap(({ token }) => token.algorithms))];
    return [
      { id, keys, algorithms, subjects: members, ...(issuer === undefined ? {} : { issuer }) },
    ];
  });
}

const placeId = ({ issuer, keys }: IssuerPlace): string =>
  canonicalJson([issuer ?? null, keys.type, keys.type === "Jwks" ? keys.uri : null]);

export function bySeniority(left: TokenSubject, right: TokenSubject): number {
  const byAge = left.token.since - right.token.since;
  if (byAge !== 0 || left.tenant.name === right.tenant.name) return byAge;
  return left.tenant.name < right.tenant.name ? -1 : 1;
}
