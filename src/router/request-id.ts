import { randomUUID } from "node:crypto";

/** The id that the client, the record and the provider's metadata know a request by. */
export function newRequestId(): string {
  return `req_${randomUUID().replaceAll("-", "")}`;
}
