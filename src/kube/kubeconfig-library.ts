// All that is used of the client library. Imported as a whole it would have all its models in the bundle.
export { HttpMethod, KubeConfig, RequestContext } from "@kubernetes/client-node";
