/** The port that is called where a URL names its host: policies know ports alone. */
export function urlPort(url: string): number {
  const { port, protocol } = new URL(url);
  if (port !== "") return Number(port);
  return protocol === "http:" ? 80 : 443;
}
