import type { Endpoint } from "./connection.ts";

/** What makes up `Endpoint.tls`, of the many things that the library sets. */
const tlsOptions = ["ca", "cert", "key", "rejectUnauthorized", "servername"];

/**
 * The API server of a kubeconfig's current context, with whatever authentication it names: tokens,
 * certificates, exec plugins. The library is loaded only here: importing it costs half a second.
 *
 * @param path absent: KUBECONFIG, or the file in the home folder
 * @throws where there is none, or no context is current
 */
export async function fromKubeconfig(path?: string): Promise<Endpoint> {
  const { KubeConfig, RequestContext, HttpMethod } = await import("./kubeconfig-library.ts");
  const config = new KubeConfig();
  if (path === undefined) config.loadFromDefault();
  else config.loadFromFile(path);
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new Error(
      "The kubeconfig has no current context: choose one with kubectl config use-context",
    );
  const tls: Record<string, unknown> = {};
  await config.applyToHTTPSOptions(tls);
  const given = Object.entries(tls).filter(
    ([option, value]) => tlsOptions.includes(option) && value !== undefined,
  );
  return {
    server: cluster.server,
    tls: Object.fromEntries(given),
    authorize: async () => {
      const context = new RequestContext(cluster.server, HttpMethod.GET);
      await config.applySecurityAuthentication(context);
      return context.getHeaders();
    },
  };
}
