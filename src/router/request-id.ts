import { randomHex } from "../lib/index.ts";

/** The id that the client, the record and the provider's metadata know a request by. */
export const newRequestId = (): string => `req_${randomHex(16)}`;
