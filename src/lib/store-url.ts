/**
 * What is wrong with the address of a store that is asked over HTTP, as advice; undefined: nothing. It stands in
 * settings, logs and the console, and so may hold no credentials.
 */
export function storeUrlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return "write a URL with http:// or https://";
  const { protocol, username, password, search, hash } = new URL(text);
  if (protocol !== "http:" && protocol !== "https:") return "write a URL with http:// or https://";
  if (username + password + search + hash === "") return undefined;
  return "write it without credentials, which have settings of their own, and without ? and #";
}
