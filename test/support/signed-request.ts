import { createHash, createHmac } from "node:crypto";
import { request as sendRequest, type IncomingMessage } from "node:http";

/** A signed POST, as a client that is no SDK would send it. */
export interface SignedPost {
  url: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  service: "bedrock" | "sagemaker";
  /** As it goes on the wire: encoded once. */
  path: string;
  body: string | Buffer;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
  /** The error's shape without its namespace. */
  error: string;
  /** The error's words. */
  message: string;
}

/** Sends it and reads the whole answer. */
export async function post(sent: SignedPost): Promise<Answer> {
  const response = await openPost(sent);
  const parts: Buffer[] = [];
  for await (const part of response as AsyncIterable<Buffer>) parts.push(part);
  const body = Buffer.concat(parts);
  const error = String(response.headers["x-amzn-errortype"] ?? "").split(":")[0] ?? "";
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body,
    error,
    message: messageOf(error, body),
  };
}

function messageOf(error: string, body: Buffer): string {
  if (error === "") return "";
  const parsed = JSON.parse(body.toString("utf8")) as { message?: string; Message?: string };
  return parsed.message ?? parsed.Message ?? "";
}

/** Sends it and settles when the answer's headers have come. */
export function openPost(sent: SignedPost): Promise<IncomingMessage> {
  const body = Buffer.from(sent.body);
  return new Promise((resolve, reject) => {
    const options = {
      method: "POST",
      path: sent.path,
      headers: sign(sent, body),
      agent: false,
      signal: sent.signal,
    };
    sendRequest(sent.url, options, resolve).on("error", reject).end(body);
  });
}

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer =>
  createHmac("sha256", key).update(data).digest();

function sign(sent: SignedPost, body: Buffer): Record<string, string> {
  const stamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${stamp.slice(0, 8)}/us-east-1/${sent.service}/aws4_request`;
  const token = sent.credentials.sessionToken;
  const headers: Record<string, string> = {
    "content-type": "application/json",
    host: new URL(sent.url).host,
    "x-amz-date": stamp,
    ...(token === undefined ? {} : { "x-amz-security-token": token }),
    ...sent.headers,
  };
  const names = Object.keys(headers).toSorted();
  const canonical = [
    "POST",
    sent.path.split("/").map(encodeURIComponent).join("/"),
    "",
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    sha256(body),
  ].join("\n");
  const key = scope
    .split("/")
    .reduce<string | Buffer>(
      (previous, part) => hmac(previous, part),
      `AWS4${sent.credentials.secretAccessKey}`,
    );
  const signature = hmac(
    key,
    `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(canonical)}`,
  ).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${sent.credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...headers, authorization, "content-length": String(body.length) };
}
