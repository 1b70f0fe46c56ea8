export type TableErrorCode =
  /** A version of the table's shape that this release does not read. */
  | "SchemaVersion"
  /** The pointer is not of its shape, or its digest is not its own. */
  | "PointerInvalid"
  /** A bucket's bytes are not those that the pointer names. */
  | "DigestMismatch"
  /** A bucket is not canonical JSON of its shape. */
  | "BucketInvalid"
  /** An entry lies in a bucket that its name does not hash into. */
  | "EntryMisplaced"
  /** The buckets are sound one by one and contradict each other. */
  | "Inconsistent"
  /** The group's classifier model is missing, not the one that the pointer names, or none that this release reads. */
  | "ModelInvalid"
  /** A bucket is larger than its slot, or grows beyond bounds when unpacked. */
  | "TooLarge";

/** Why a table was refused: an expected answer, since a router keeps its old table then. */
export interface TableError {
  code: TableErrorCode;
  /** A sentence for logs and for the acknowledgement. */
  message: string;
  /** The index of the bucket at fault, where one is. */
  bucket?: number;
}

export function tableError(code: TableErrorCode, message: string, bucket?: number): TableError {
  return bucket === undefined ? { code, message } : { code, message, bucket };
}
