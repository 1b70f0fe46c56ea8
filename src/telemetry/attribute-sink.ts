import type { Attributes } from "@opentelemetry/api";
import type { AttributeName, spans } from "./names.ts";

/** The attributes that a span may have. */
export type NameOn<Span extends keyof typeof spans> = (typeof spans)[Span][
  | "required"
  | "optional"][number];

/**
 * Takes a span's attributes one by one, each by the kind that the table of names gives it; null is
 * none. So what a span says is written once, and no object is made of it where it becomes bytes at once.
 */
export interface AttributeSink<Name extends AttributeName> {
  text(name: Name, value: string | null): void;
  int(name: Name, value: number | null): void;
  double(name: Name, value: number | null): void;
  flag(name: Name, value: boolean): void;
  texts(name: Name, values: readonly string[] | null): void;
}

/** Attributes as the SDK's exporters want them. */
export function collectAttributes(write: (sink: AttributeSink<AttributeName>) => void): Attributes {
  const attributes: Attributes = {};
  const put = (name: AttributeName, value: string | number | boolean | null) => {
    if (value !== null) attributes[name] = value;
  };
  write({
    text: put,
    int: put,
    double: put,
    flag: put,
    texts: (name, values) => {
      if (values !== null) attributes[name] = [...values];
    },
  });
  return attributes;
}
