export interface ModelMember {
  shape: string;
  location?: "header" | "uri" | "querystring" | "headers" | "statusCode";
  locationName?: string;
  eventpayload?: boolean;
}

/** A shape of botocore's service-2.json; only what is checked is named. */
export interface ModelShape {
  type: string;
  members?: Record<string, ModelMember>;
  required?: string[];
  member?: ModelMember;
  key?: ModelMember;
  value?: ModelMember;
  enum?: string[];
  min?: number;
  max?: number;
  pattern?: string;
  union?: boolean;
  document?: boolean;
  exception?: boolean;
  eventstream?: boolean;
  payload?: string;
  error?: { httpStatusCode: number };
}

interface ModelOperation {
  name: string;
  http: { requestUri: string };
  input: { shape: string };
  output: { shape: string };
  errors: { shape: string }[];
}

export interface ServiceModel {
  shapes: Record<string, ModelShape>;
  operations: Record<string, ModelOperation>;
}

export function shapeOf(model: ServiceModel, name: string): ModelShape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`The service model has no shape ${name}`);
  return shape;
}
