import {
  defaultResource,
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import type { TelemetrySettings } from "./telemetry.ts";

/**
 * Who speaks: the service, as told or as the standard variables say. The SDK's detectors of host and
 * process are left out on purpose: they would publish command lines, owners and host ids.
 */
export function makeResource(settings: TelemetrySettings): Resource {
  const own = resourceFromAttributes({
    "service.name": settings.serviceName,
    "service.version": settings.serviceVersion,
    "service.instance.id": settings.instance,
    "switchyard.namespace": settings.namespace,
    "switchyard.class": settings.routerClass,
  });
  const fromEnvironment = detectResources({
    detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector],
  });
  return defaultResource().merge(own).merge(fromEnvironment);
}
