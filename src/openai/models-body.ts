/** A name that a caller may ask for. */
export interface ModelFacts {
  id: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

export interface ModelBody {
  id: string;
  object: "model";
  /** Whole seconds since the epoch. */
  created: number;
  owned_by: string;
}

export interface ModelsBody {
  object: "list";
  data: ModelBody[];
}

export function modelBody(model: ModelFacts): ModelBody {
  const created = Math.floor(model.createdAt / 1_000);
  return { id: model.id, object: "model", created, owned_by: "switchyard" };
}

/** The body of `/v1/models`. */
export function modelsBody(models: readonly ModelFacts[]): ModelsBody {
  return { object: "list", data: models.map(modelBody) };
}
