import { specialAddress } from "../lib/index.ts";
import { hostAllowed, type ClassSettings } from "./settings.ts";

/**
 * Why a class does not let its routers call a URL, as a sentence; undefined where it does. The one rule for
 * whatever a namespace's author has them call: backends, and the keys of token issuers.
 *
 * @param otherwise what an author may do whom the allow list keeps out, such as `leave endpoint out`
 */
export function endpointProblem(
  endpoint: string,
  settings: ClassSettings,
  otherwise: string,
): string | undefined {
  if (!URL.canParse(endpoint)) return `${endpoint} is no URL: write https:// and a host.`;
  const url = new URL(endpoint);
  return (
    schemeProblem(url, settings) ??
    extrasProblem(url, endpoint) ??
    hostProblem(url, settings, otherwise)
  );
}

function schemeProblem(
  { protocol }: URL,
  { allowLoopbackEndpoints }: ClassSettings,
): string | undefined {
  if (protocol === "https:" || (protocol === "http:" && allowLoopbackEndpoints)) return undefined;
  return `An endpoint is called over https, and this one says ${protocol.slice(0, -1)}: write https://.`;
}

function extrasProblem({ username, password }: URL, endpoint: string): string | undefined {
  if (username !== "" || password !== "") {
    return "The endpoint's URL carries a user or password: leave them out, and set credentials instead.";
  }
  // An empty query or fragment counts too: whatever is appended to the URL would end up in it.
  return /[?#]/.test(endpoint)
    ? "The endpoint's URL has a query or fragment: leave it out."
    : undefined;
}

function hostProblem(
  { hostname }: URL,
  settings: ClassSettings,
  otherwise: string,
): string | undefined {
  const special = specialAddress(hostname);
  if (special === "Loopback") {
    return settings.allowLoopbackEndpoints
      ? undefined
      : `${hostname} is the router's own machine, which the router class does not let endpoints name: name another host.`;
  }
  if (special !== undefined) {
    return `${hostname} is a link-local or metadata address, where a cloud keeps credentials: name another host.`;
  }
  const host = hostname.replace(/\.$/, "");
  if (hostAllowed(host, settings.endpointHosts)) return undefined;
  return `${host} is not on the allow list of the router class: ask the operator to add it, or ${otherwise}.`;
}
