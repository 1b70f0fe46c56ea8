import { createHmac, hash } from "node:crypto";
import type { AwsCredentials } from "../contract.ts";
import { HmacSha256 } from "./hmac.ts";

/** A POST to be signed. */
export interface Unsigned {
  /** As it goes on the wire, percent-encoded once, without a query. */
  path: string;
  /**
   * Names in lower case, values in visible ASCII; host, date, token and checksum are added. What is
   * made of one object is remembered, so it may not change.
   */
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
  key: HmacSha256;
}

/**
 * What calls with the same headers and token have in common: of their canonical headers all but three
 * values, whose names stand in this order in any call.
 */
interface Form {
  sessionToken: string | undefined;
  headers: Readonly<Record<string, string>>;
  /** "a;b;c" */
  names: string;
  beforeLength: string;
  beforeHash: string;
  beforeDate: string;
  afterDate: string;
}

const algorithm = "AWS4-HMAC-SHA256";

/** Signature Version 4 for one service in one region, after "Create a signed AWS API request". */
export class Signer {
  readonly #scope: Scope;
  #key: SigningKey | undefined;
  #stamp = { second: Number.NaN, text: "" };
  readonly #paths = new Map<string, string>();
  readonly #forms = new WeakMap<object, Form>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /**
   * The headers to send, Authorization among them.
   *
   * @param now milliseconds since the epoch
   */
  sign(request: Unsigned, credentials: AwsCredentials, now: number): Record<string, string> {
    const { region, service } = this.#scope;
    const { body } = request;
    const stamp = this.#stampOf(now);
    const day = stamp.slice(0, 8);
    const bodyHash = hash("sha256", body, "hex");
    const form = this.#formOf(request.headers, credentials.sessionToken);
    const { names } = form;
    const lines =
      `${form.beforeLength}${body.length}${form.beforeHash}${bodyHash}` +
      `${form.beforeDate}${stamp}${form.afterDate}`;
    const canonical = `POST\n${this.#pathOf(request.path)}\n\n${lines}\n${names}\n${bodyHash}`;
    const scope = `${day}/${region}/${service}/aws4_request`;
    const text = `${algorithm}\n${stamp}\n${scope}\n${hash("sha256", canonical, "hex")}`;
    const signature = this.#keyOf(credentials, day).hex(text);
    return {
      ...form.headers,
      "content-length": String(body.length),
      "x-amz-content-sha256": bodyHash,
      "x-amz-date": stamp,
      authorization: `${algorithm} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    };
  }

  /** Most calls come with one of a few objects of headers: sorting and writing them is done once. */
  #formOf(given: Unsigned["headers"], sessionToken: string | undefined): Form {
    const known = this.#forms.get(given);
    if (known !== undefined && known.sessionToken === sessionToken) return known;
    const form = makeForm({ ...given, host: this.#scope.host }, sessionToken);
    this.#forms.set(given, form);
    return form;
  }

  /** Derived with four HMACs, which is more than a request takes by itself. */
  #keyOf(credentials: AwsCredentials, day: string): HmacSha256 {
    const held = this.#key;
    if (held?.credentials === credentials && held.day === day) return held.key;
    const { region, service } = this.#scope;
    const bytes = [day, region, service, "aws4_request"].reduce<Buffer>(
      (previous, part) => createHmac("sha256", previous).update(part).digest(),
      Buffer.from(`AWS4${credentials.secretAccessKey}`),
    );
    const key = new HmacSha256(bytes);
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

/** Stands for a value that each call has anew; no header holds it. */
const hole = "\0";

function makeForm(given: Readonly<Record<string, string>>, sessionToken: string | undefined): Form {
  const headers = { ...given };
  if (sessionToken !== undefined) headers["x-amz-security-token"] = sessionToken;
  const values: Record<string, string> = {
    ...headers,
    "content-length": hole,
    "x-amz-content-sha256": hole,
    "x-amz-date": hole,
  };
  const names = Object.keys(values).toSorted();
  const lines = names.map((name) => `${name}:${canonicalValue(values[name] ?? "")}\n`).join("");
  const pieces = lines.split(hole);
  const [beforeLength = "", beforeHash = "", beforeDate = "", afterDate = ""] = pieces;
  const parts = { beforeLength, beforeHash, beforeDate, afterDate };
  return { sessionToken, headers, names: names.join(";"), ...parts };
}

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
