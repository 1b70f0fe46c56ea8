import { wholeConfig } from "./router-config.ts";

const routeKind = "kind: ModelRoute";

/**
 * The configuration of the router as a whole with so many routes in place of one, as YAML.
 *
 * @param edition another in one route's envelope, as after an edit
 */
export function manyRoutes(upstream: string, routes: number, edition: number): string {
  const documents = wholeConfig(upstream).split("---");
  const isRoute = (document: string) => document.includes(routeKind);
  const [route = ""] = documents.filter(isRoute);
  const copies = Array.from({ length: routes }, (_, index) =>
    route
      .replace("name: bench", `name: bench-${index}`)
      .replace("models: [bench]", `models: [bench-${index}]`)
      .replace("firstTokenP95: 3s", `firstTokenP95: ${index === 0 ? edition : 3}s`),
  );
  return [...documents.filter((document) => !isRoute(document)), ...copies].join("---");
}
