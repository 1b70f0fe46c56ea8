import { lookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { specialAddress } from "./special-address.ts";

/**
 * Resolves a host's name as Node does, and refuses one whose address is the router's own machine or
 * its cloud credentials: whoever owns a name decides where it leads. A host that says so itself, such
 * as localhost, was judged where the table was compiled.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options, (error, address, family) => {
    const refused =
      error === null && specialAddress(hostname) === undefined ? refusal(hostname, address) : null;
    callback(refused ?? error, address, family);
  });
};

function refusal(hostname: string, address: string | LookupAddress[]): Error | null {
  const addresses = typeof address === "string" ? [address] : address.map((each) => each.address);
  const special = addresses.find((each) => specialAddress(each) !== undefined);
  if (special === undefined) return null;
  const error = new Error(`The name ${hostname} leads to ${special}, which no endpoint may be at`);
  return Object.assign(error, { code: "ERR_SPECIAL_ADDRESS" });
}
