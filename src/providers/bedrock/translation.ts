import type { BackendEntry, Capability } from "../../table/index.ts";
import { DocumentNames } from "./document-names.ts";
import { type Growth, openGrowth } from "./growth.ts";
import { type ModelFamily, modelFamily } from "./model-family.ts";
import { ToolIds, ToolNames } from "./tool-names.ts";

/** What the leaf conversions of one request share. */
export interface Translation {
  backend: BackendEntry;
  family: ModelFamily;
  supports: (capability: Capability) => boolean;
  names: ToolNames;
  ids: ToolIds;
  documents: DocumentNames;
  growth: Growth;
}

export function openTranslation(backend: BackendEntry, modelId: string): Translation {
  return {
    backend,
    family: modelFamily(modelId),
    supports: (capability) => backend.capabilities.includes(capability),
    names: new ToolNames(),
    ids: new ToolIds(),
    documents: new DocumentNames(),
    growth: openGrowth(),
  };
}
