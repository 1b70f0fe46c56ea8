import { err, ok, type Result } from "../lib/index.ts";

/** Where in which S3-compatible store records are kept. */
export interface S3Location {
  bucket: string;
  /** "" or one that ends in a slash. */
  prefix: string;
  /** Absent: as the AWS SDK finds it. */
  region?: string | undefined;
  /** Absent: AWS's own. A store with an address of its own is asked by path, not by a host for each bucket. */
  endpoint?: string | undefined;
  /** Absent: as the AWS SDK finds them. */
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined;
}

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Of `s3://BUCKET/PREFIX`; the error is a sentence for whoever wrote it. */
export function parseS3Url(text: string): Result<Pick<S3Location, "bucket" | "prefix">, string> {
  const [, bucket = "", path = ""] = /^s3:\/\/([^/?#]*)(?:\/([^?#]*))?$/.exec(text) ?? [];
  if (!bucketName.test(bucket))
    return err(`"${text}" is no place for records: write s3://BUCKET or s3://BUCKET/PREFIX`);
  const prefix = path.replace(/\/+$/, "");
  if (prefix.startsWith("/") || prefix.length > 512)
    return err(`The prefix of "${text}" must not begin with a slash nor be longer than 512`);
  return ok({ bucket, prefix: prefix === "" ? "" : `${prefix}/` });
}
