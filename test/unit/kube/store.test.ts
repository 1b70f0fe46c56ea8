import { describe, expect, it } from "vitest";
import { Store, type KubeObject, type StoreChange } from "../../../src/kube/index.ts";

const object = (name: string, resourceVersion = "1", namespace: string | undefined = "shop") =>
  ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, uid: `uid-${name}`, resourceVersion, ...(namespace && { namespace }) },
  }) as KubeObject;

function makeStore(): { store: Store; changes: StoreChange<KubeObject>[] } {
  const store = new Store();
  const changes: StoreChange<KubeObject>[] = [];
  store.onChange((change) => changes.push(change));
  return { store, changes };
}

describe("a store", () => {
  it("finds objects by key and by namespace", () => {
    const { store } = makeStore();
    const objects = [object("a"), object("b"), object("a", "1", "bank"), object("node", "1", "")];
    objects.forEach((item) => store.put(item));
    expect(store.get("bank/a")).toBe(objects[2]);
    expect(store.get("node")).toBe(objects[3]);
    expect(store.inNamespace("shop")).toEqual(objects.slice(0, 2));
    expect(store.namespaces()).toEqual(["shop", "bank", ""]);
    expect(store.size).toBe(4);
  });

  it("forgets a namespace with its last object", () => {
    const { store } = makeStore();
    store.put(object("a"));
    store.remove("shop/a");
    expect(store.namespaces()).toEqual([]);
    expect(store.inNamespace("shop")).toEqual([]);
  });

  it("says nothing of a version that it has", () => {
    const { store, changes } = makeStore();
    const first = object("a");
    store.put(first);
    store.put(object("a"));
    expect(changes).toEqual([{ before: undefined, after: first }]);
    expect(store.get("shop/a")).toBe(first);
  });

  it("tells of the same version under another uid, and of objects without versions", () => {
    const { store, changes } = makeStore();
    store.put(object("a"));
    store.put({ ...object("a"), metadata: { ...object("a").metadata, uid: "other" } });
    const bare = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "bare" } };
    store.put(bare);
    store.put({ ...bare });
    expect(changes).toHaveLength(4);
  });

  it("tells of what is replaced and removed, with what was there before", () => {
    const { store, changes } = makeStore();
    const [first, second] = [object("a", "1"), object("a", "2")];
    store.put(first);
    store.put(second);
    store.remove("shop/a");
    store.remove("shop/a");
    expect(changes.slice(1)).toEqual([
      { before: first, after: second },
      { before: second, after: undefined },
    ]);
  });

  it("drops what a listing did not hold", () => {
    const { store, changes } = makeStore();
    ["a", "b", "c"].forEach((name) => store.put(object(name)));
    store.retain(new Set(["shop/b"]));
    expect([...store.all()].map(({ metadata }) => metadata.name)).toEqual(["b"]);
    expect(changes.slice(3).map(({ before }) => before?.metadata.name)).toEqual(["a", "c"]);
  });

  it("holds a change before anybody hears of it, and tells all of them though one fails", () => {
    const { store, changes } = makeStore();
    const heard: (KubeObject | undefined)[] = [];
    store.onChange(() => {
      throw new Error("a fault");
    });
    store.onChange(() => heard.push(store.get("shop/a")));
    expect(() => store.put(object("a"))).toThrow(AggregateError);
    expect(heard).toEqual([object("a")]);
    expect(changes).toHaveLength(1);
  });
});
