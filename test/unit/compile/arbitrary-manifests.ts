import * as fc from "fast-check";

import { annotations, kindNames, type Manifest } from "../../../src/api/index.ts";
import { backend, manifest, route, tenant } from "./resources.ts";

const backendName = fc.constantFrom("large", "small", "medium", "vectors", "absent");
const createdAt = fc.constantFrom(
  undefined,
  "2027-01-01T00:00:00Z",
  "2027-01-02T00:00:00Z",
  "not a time",
);
const sha256 = fc.constantFrom("a", "b", "c", "d").map((letter) => letter.repeat(64));

const metadata = fc
  .record({ createdAt, paused: fc.boolean(), team: fc.constantFrom("a", "b") })
  .map(({ createdAt: creationTimestamp, paused, team }) => ({
    labels: { team },
    annotations: paused ? { [annotations.paused]: "true" } : {},
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
  }));

/** One member that may break a resource, loosen it, or be none of its own. */
const anyMember = fc.option(
  fc.dictionary(fc.constantFrom("type", "models", "subjects", "x"), fc.jsonValue(), { maxKeys: 1 }),
  {
    nil: {},
  },
);

const backends = fc
  .record({
    name: backendName,
    capabilities: fc.constantFrom<string[]>(["Streaming"], ["Embeddings"], ["Streaming", "Tools"]),
    endpoint: fc.constantFrom(
      undefined,
      "https://x.vpce.amazonaws.com",
      "https://127.1",
      "https://example.com",
    ),
    member: anyMember,
  })
  .map(({ name, capabilities, endpoint, member }) =>
    backend(name, {
      bedrock: {
        modelId: name === "medium" ? "eu.amazon.nova-pro-v1:0" : "amazon.nova-pro-v1:0",
        region: "eu-central-1",
        ...(endpoint === undefined ? {} : { endpoint }),
      },
      capabilities,
      ...(capabilities.includes("Embeddings") ? { embedding: { dimensions: 256 } } : {}),
      ...member,
    }),
  );

const routes = fc
  .record({
    name: fc.constantFrom("one", "two", "three", "four"),
    candidates: fc.uniqueArray(backendName, { minLength: 1, maxLength: 3 }),
    models: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 2 }),
    type: fc.constantFrom("Chat", "Embeddings"),
    routerClass: fc.constantFrom("default", "default", "gpu", 7),
    metadata,
    member: anyMember,
  })
  .map(({ name, candidates, metadata: about, member, ...members }) =>
    route(name, candidates, { ...members, ...member }, about),
  );

const tenants = fc
  .record({
    name: fc.constantFrom("red", "green", "blue"),
    keys: fc.array(sha256, { maxLength: 3 }),
    allowed: fc.option(fc.uniqueArray(backendName, { minLength: 1, maxLength: 2 })),
    metadata,
    member: anyMember,
  })
  .map(({ name, keys, allowed, metadata: about, member }) =>
    tenant(
      name,
      keys,
      {
        ...(allowed === null ? {} : { allowedBackends: allowed.map((each) => ({ name: each })) }),
        ...member,
      },
      about,
    ),
  );

/** Resources that might have been meant: mostly valid, entangled, some of them declared twice. */
export const plausibleManifests: fc.Arbitrary<Manifest[]> = fc.array(
  fc.oneof(backends, routes, tenants),
  {
    maxLength: 14,
  },
);

const wildText = fc.oneof(
  fc.constantFrom("large", "one", "red", "default", "__proto__", "constructor", ""),
  fc.string({ unit: "binary" }),
);

/** Whatever could come in the shape of a manifest. */
export const wildManifests: fc.Arbitrary<Manifest[]> = fc.array(
  fc
    .record({
      kind: fc.constantFrom(...kindNames),
      name: wildText,
      namespace: fc.option(wildText, { nil: undefined }),
      creationTimestamp: fc.option(wildText, { nil: undefined }),
      labels: fc.dictionary(wildText, wildText),
      annotations: fc.dictionary(wildText, wildText),
      spec: fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
      }),
    })
    .map(({ kind, name, spec, namespace, creationTimestamp, ...rest }) =>
      manifest(kind, name, spec, {
        ...rest,
        ...(namespace === undefined ? {} : { namespace }),
        ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      }),
    ),
  { maxLength: 6 },
);
