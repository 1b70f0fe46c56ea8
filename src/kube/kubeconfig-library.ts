// All that is used of the client library. Imported as a whole it would have a client of every API in the bundle.
export { HttpMethod, KubeConfig, RequestContext } from "@kubernetes/client-node";
