// Who calls, and what that tenant may use. Owns API keys, identity and admission to a route. It
// compares digests and never keeps a key; it knows neither HTTP replies nor what a request asks of
// a model.
export { admit, visibleRoutes, type Admission } from "./admit.ts";
export { readCredential, type Credential } from "./credential.ts";
export { identify, type Identity, type Identification } from "./identify.ts";
export { buildKeyIndex, type KeyIndex } from "./key-index.ts";
export { newApiKey, type NewApiKey } from "./new-api-key.ts";
export { modelNotFound, type Refusal, type RefusalCode } from "./refusal.ts";
export { buildRouteIndex, type RouteIndex } from "./route-index.ts";
