import { MissingFile, type RecordStore } from "../records/index.ts";
import { StoreTrouble } from "./store-trouble.ts";

/** The same store; what it fails with is a sentence that names it and says what to look at. */
export function inSentences(store: RecordStore): RecordStore {
  return {
    name: store.name,
    readAhead: store.readAhead,
    list: async function* (prefix) {
      try {
        yield* store.list(prefix);
      } catch (error) {
        throw troubleOf(store, error);
      }
    },
    open: (path) =>
      store.open(path).catch((error: unknown) => Promise.reject(troubleOf(store, error))),
    remove: (paths) =>
      store.remove(paths).catch((error: unknown) => Promise.reject(troubleOf(store, error))),
    close: () => store.close(),
  };
}

function troubleOf({ name }: RecordStore, error: unknown): Error {
  if (error instanceof MissingFile) return error;
  const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
  const what = [kind === "Error" ? "" : kind, message].filter((each) => each !== "").join(": ");
  return new StoreTrouble(
    `${name} cannot be used: ${what}. See that the bucket is there, that SWITCHYARD_RECORD_S3_ENDPOINT and _REGION are its, and that the credentials may list, read and delete there`,
    { cause: error },
  );
}
