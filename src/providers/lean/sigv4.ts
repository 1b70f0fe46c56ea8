import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";
import type { AwsCredentials } from "../contract.ts";

/** A POST to be signed. */
export interface Unsigned {
  /** As it goes on the wire, percent-encoded once, without a query. */
  path: string;
  /** Names in lower case, values in visible ASCII; host, date, token and checksum are added. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

interface Scope {
  region: string;
  /** The signing name: `bedrock` or `sagemaker`. */
  service: string;
  /** With its port, where the URL names one. */
  host: string;
}

interface SigningKey {
  credentials: AwsCredentials;
  day: string;
  key: KeyObject;
}

const algorithm = "AWS4-HMAC-SHA256";

/** Signature Version 4 for one service in one region, after "Create a signed AWS API request". */
export class Signer {
  readonly #scope: Scope;
  #key: SigningKey | undefined;
  #stamp = { second: Number.NaN, text: "" };
  readonly #paths = new Map<string, string>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /**
   * The headers to send, Authorization among them.
   *
   * @param now milliseconds since the epoch
   */
  sign(request: Unsigned, credentials: AwsCredentials, now: number): Record<string, string> {
    const { region, service, host } = this.#scope;
    const stamp = this.#stampOf(now);
    const day = stamp.slice(0, 8);
    const bodyHash = hash("sha256", request.body, "hex");
    const headers: Record<string, string> = {
      ...request.headers,
      "content-length": String(request.body.length),
      host,
      "x-amz-content-sha256": bodyHash,
      "x-amz-date": stamp,
    };
    if (credentials.sessionToken !== undefined) {
      headers["x-amz-security-token"] = credentials.sessionToken;
    }
    const names = Object.keys(headers).toSorted();
    const signedHeaders = names.join(";");
    const lines = names.map((name) => `${name}:${canonicalValue(headers[name] ?? "")}\n`).join("");
    const canonical = `POST\n${this.#pathOf(request.path)}\n\n${lines}\n${signedHeaders}\n${bodyHash}`;
    const scope = `${day}/${region}/${service}/aws4_request`;
    const text = `${algorithm}\n${stamp}\n${scope}\n${hash("sha256", canonical, "hex")}`;
    const signature = createHmac("sha256", this.#keyOf(credentials, day))
      .update(text)
      .digest("hex");
    headers["authorization"] =
      `${algorithm} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
    return headers;
  }

  /** Derived with four HMACs, which is more than a request takes by itself. */
  #keyOf(credentials: AwsCredentials, day: string): KeyObject {
    const held = this.#key;
    if (held?.credentials === credentials && held.day === day) return held.key;
    const { region, service } = this.#scope;
    const bytes = [day, region, service, "aws4_request"].reduce<Buffer>(
      (previous, part) => createHmac("sha256", previous).update(part).digest(),
      Buffer.from(`AWS4${credentials.secretAccessKey}`),
    );
    const key = createSecretKey(bytes);
    this.#key = { credentials, day, key };
    return key;
  }

  #stampOf(now: number): string {
    const second = Math.floor(now / 1000);
    if (second !== this.#stamp.second) {
      const text = new Date(second * 1000).toISOString().replace(/[-:]|\.\d{3}/g, "");
      this.#stamp = { second, text };
    }
    return this.#stamp.text;
  }

  /** A client calls few paths: one of each operation, and of each model. */
  #pathOf(path: string): string {
    const known = this.#paths.get(path);
    if (known !== undefined) return known;
    if (this.#paths.size >= mostPaths) this.#paths.clear();
    const canonical = canonicalPath(path);
    this.#paths.set(path, canonical);
    return canonical;
  }
}

const mostPaths = 1_000;

/** The path came encoded once; all services but S3 sign it encoded twice, without empty segments. */
function canonicalPath(path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "");
  const tail = segments.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${segments.map(encodeSegment).join("/")}${tail}`;
}

/** One segment of a path, with all encoded that RFC 3986 does not call unreserved. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const canonicalValue = (value: string): string =>
  /^ | $|[\t\r\n]| {2}/.test(value) ? value.replace(/[ \t\r\n]+/g, " ").trim() : value;
