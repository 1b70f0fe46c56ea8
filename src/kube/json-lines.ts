import { KubeError } from "./kube-error.ts";

/** A line of a watch holds one object; etcd bounds those at 1.5 MiB. */
const longestLine = 8 * 1024 * 1024;

/** Cuts the bytes of a watch into lines of JSON, wherever the network cut them. */
export class JsonLines {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /**
   * @returns what each line says that is whole by now
   * @throws KubeError `Malformed`
   */
  *push(bytes: Uint8Array): Generator<unknown, void, void> {
    const [end = "", ...lines] = this.#decoder.decode(bytes, { stream: true }).split("\n");
    // Only what is new was searched: a long line comes in many pieces.
    lines.unshift(this.#rest + end);
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > longestLine) throw malformed("has no end");
    for (const line of lines) if (line !== "") yield parse(line);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw malformed("is not JSON", error);
  }
}

function malformed(what: string, cause?: unknown): KubeError {
  return new KubeError("Malformed", `A line of a watch ${what}`, { status: 200, cause });
}
