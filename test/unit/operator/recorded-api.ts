import {
  KubeError,
  type Connection,
  type KubeCall,
  type KubeObject,
} from "../../../src/kube/index.ts";
import { asObserved } from "./api-server-view.ts";

/** What a call gets instead of its answer; undefined lets it through. */
export type Refusal = (call: KubeCall) => KubeError | undefined;

/** An API server of one map: it keeps what is applied, and every call. */
export class RecordedApi implements Pick<Connection, "json"> {
  readonly calls: KubeCall[] = [];
  readonly objects = new Map<string, KubeObject>();
  refuse: Refusal = () => undefined;

  get connection(): Connection {
    return this as unknown as Connection;
  }

  /** Method, kind of resource and name of every call that changes something. */
  get writes(): string[] {
    return this.calls
      .filter(({ method }) => method !== "GET")
      .map(({ method, path }) => `${method} ${path.split("/").slice(-2).join("/")}`);
  }

  async json<Answer>(call: KubeCall): Promise<Answer> {
    this.calls.push(call);
    const refusal = this.refuse(call);
    if (refusal !== undefined) throw refusal;
    return this.#answer(call) as Answer;
  }

  #answer({ method, path, body, query }: KubeCall): unknown {
    const known = this.objects.get(path);
    if (method === "PATCH") {
      // A manager of one field adds to what is there; no more of merging is needed here.
      if (query?.["fieldManager"]?.endsWith("-replicas")) return known;
      const item = asObserved(body as KubeObject);
      this.objects.set(path, item);
      return item;
    }
    if (known === undefined) throw new KubeError("NotFound", `${path} not found`, { status: 404 });
    if (method === "DELETE") this.objects.delete(path);
    return known;
  }
}
