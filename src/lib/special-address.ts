/** Addresses that reach the caller's own machine or its cloud credentials, rather than a service. */
export type SpecialAddress = "Loopback" | "LinkLocal" | "Metadata";

const metadataNames = new Set([
  "instance-data",
  "instance-data.ec2.internal",
  "metadata.google.internal",
]);

/**
 * Whether a host is one that nobody may be sent to by configuration alone. Every spelling counts:
 * decimal, octal and hexadecimal IPv4, IPv4 inside of IPv6, `localhost` and the names below it.
 *
 * @param host a URL's host without its port, or an address that a name was resolved to
 * @returns undefined for any other host, and for a text that is none
 */
export function specialAddress(host: string): SpecialAddress | undefined {
  const [address = ""] = host.replace(/^\[|\]$/g, "").split("%");
  const canonical = canonicalHost(address);
  if (canonical === undefined) return undefined;
  if (canonical.startsWith("[")) return specialV6(groupsOf(canonical.slice(1, -1)));
  if (/^[0-9.]+$/.test(canonical)) return specialV4(canonical.split(".").map(Number));
  const name = canonical.replace(/\.$/, "");
  if (name === "localhost" || name.endsWith(".localhost")) return "Loopback";
  return metadataNames.has(name) ? "Metadata" : undefined;
}

/** The host as URLs write it: lower case, IPv4 as four decimal numbers, IPv6 in brackets. */
function canonicalHost(address: string): string | undefined {
  const text = `http://${address.includes(":") ? `[${address}]` : address}`;
  return URL.canParse(text) ? new URL(text).hostname : undefined;
}

function specialV4([first, second]: readonly number[]): SpecialAddress | undefined {
  // 0.0.0.0/8 reaches the machine itself on Linux.
  if (first === 127 || first === 0) return "Loopback";
  return first === 169 && second === 254 ? "LinkLocal" : undefined;
}

function specialV6(groups: readonly number[]): SpecialAddress | undefined {
  const [first = 0, second = 0] = groups;
  if (groups.slice(0, 7).every((group) => group === 0) && (groups[7] ?? 0) <= 1) return "Loopback";
  if ((first & 0xffc0) === 0xfe80) return "LinkLocal";
  if (first === 0xfd00 && second === 0x0ec2) return "Metadata";
  const embedded = embeddedV4(groups);
  return embedded === undefined ? undefined : specialV4([embedded >>> 8, embedded & 0xff]);
}

/** How IPv6 addresses begin whose last two groups are an IPv4 address: mapped, compatible, translated. */
const beforeV4 = new Set(["0:0:0:0:0:ffff", "0:0:0:0:0:0", "0:0:0:0:ffff:0"]);

/** The upper half of an IPv4 address within an IPv6 one, those of NAT64 and 6to4 included. */
function embeddedV4(groups: readonly number[]): number | undefined {
  const [first, second] = groups;
  if (first === 0x2002) return second;
  if (first === 0x64 && second === 0xff9b) return groups[6];
  const start = groups.slice(0, 6).map((group) => group.toString(16));
  return beforeV4.has(start.join(":")) ? groups[6] : undefined;
}

function groupsOf(compressed: string): number[] {
  const [head = "", tail] = compressed.split("::");
  const numbers = (text: string) =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const before = numbers(head);
  if (tail === undefined) return before;
  const after = numbers(tail);
  return [
    ...before,
    ...Array.from({ length: 8 - before.length - after.length }, () => 0),
    ...after,
  ];
}
