import type { CertificateFiles } from "./certificate.ts";

/** What a router process is told at its start; cli parses it from environment and flags. */
export interface RouterSettings {
  host: string;
  port: number;
  adminHost: string;
  adminPort: number;
  /** Opens `/table` to callers that are not on loopback; without it there are none. */
  adminToken?: string;
  /** The API speaks TLS where it is set; the admin port never does. */
  tls?: CertificateFiles;
  /** A longer request body gets 413. */
  maxBodyBytes: number;
  /** Longer request headers get 431. */
  maxHeaderBytes: number;
  /** With so many requests under way, further ones get 429. */
  maxRequests: number;
  /** With so many bytes of bodies in memory, further requests get 429; not less than `maxBodyBytes`. */
  maxHeldBytes: number;
  /** A request must have arrived whole within this time. */
  requestTimeoutMs: number;
  /** A client that takes no byte of its stream for so long counts as gone. */
  clientStallMs: number;
  /** How long requests under way may go on after the signal to stop. */
  drainMs: number;
}
