/** Where a value stands in an object, for rules to look at and for people to read. */
export interface FieldPath {
  /** The names of fields alone. */
  fields: readonly string[];
  /** Such as `spec.containers[router].env[POD_NAME].value`. */
  text: string;
}

export const rootPath: FieldPath = { fields: [], text: "" };

export function fieldIn({ fields, text }: FieldPath, name: string): FieldPath {
  const plain = /^\w+$/.test(name);
  const joined = text === "" ? name : `${text}.${name}`;
  return { fields: [...fields, name], text: plain ? joined : `${text}[${name}]` };
}

export const itemIn = ({ fields, text }: FieldPath, item: string | number): FieldPath => ({
  fields,
  text: `${text}[${item}]`,
});
