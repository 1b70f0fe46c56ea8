import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Acknowledgement } from "../../../src/cli/acknowledgement.ts";
import {
  KubeError,
  type Connection,
  type KubeCall,
  type KubeObject,
} from "../../../src/kube/index.ts";

const pod = {
  namespace: "shop",
  name: "switchyard-default-abc",
  uid: "11111111-2222-3333-4444-555555555555",
  apiServer: { host: "127.0.0.1", port: "6443" },
};
const digest = "ab".repeat(32);

/** Answers calls one by one, as the test says. */
class FakeServer {
  readonly calls: KubeCall[] = [];
  readonly troubles: unknown[] = [];
  answer: () => Promise<unknown> = async () => ({});

  readonly connection: Connection = {
    json: async <Answer>(call: KubeCall) => {
      this.calls.push(call);
      return (await this.answer()) as Answer;
    },
    lines: () => expect.unreachable("An acknowledgement watches nothing"),
    close: async () => undefined,
  };

  acknowledgement(): Acknowledgement {
    const { connection, troubles } = this;
    const onTrouble = (error: unknown) => troubles.push(error);
    return new Acknowledgement({ connection, pod, routerClass: "default", onTrouble });
  }

  lease(at = -1): KubeObject & { spec: Record<string, unknown> } {
    return this.calls.at(at)?.body as KubeObject & { spec: Record<string, unknown> };
  }
}

let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2027-03-04T05:06:07.890Z") });
  server = new FakeServer();
});

afterEach(() => vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const away = () => Promise.reject(new KubeError("Unreachable", "away", { status: 0 }));

describe("the acknowledgement of a table", () => {
  it("is a Lease of the pod's name that the pod owns, with the digest", async () => {
    server.acknowledgement().tell({ digest, error: undefined });
    await pass(0);
    expect(server.calls).toEqual([
      {
        method: "PATCH",
        path: "/apis/coordination.k8s.io/v1/namespaces/shop/leases/switchyard-default-abc",
        query: { fieldManager: "switchyard-router", force: "true" },
        contentType: "application/apply-patch+yaml",
        body: {
          apiVersion: "coordination.k8s.io/v1",
          kind: "Lease",
          metadata: {
            name: pod.name,
            namespace: "shop",
            labels: {
              "app.kubernetes.io/managed-by": "switchyard",
              "switchyard.dev/router-class": "default",
              "app.kubernetes.io/component": "acknowledgement",
            },
            annotations: { "switchyard.dev/table-digest": digest },
            ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: pod.name, uid: pod.uid }],
          },
          spec: {
            holderIdentity: pod.name,
            leaseDurationSeconds: 45,
            renewTime: "2027-03-04T05:06:07.890000Z",
          },
        },
      },
    ]);
  });

  it("has the error while there is one, and no more of it than a person reads", async () => {
    const acknowledgement = server.acknowledgement();
    acknowledgement.tell({ digest: undefined, error: `${"x".repeat(1_023)}😀` });
    await pass(0);
    const { annotations } = server.lease().metadata;
    expect(Object.keys(annotations ?? {})).toEqual(["switchyard.dev/table-error"]);
    // What is cut in the middle of a character would not be text any more.
    expect(annotations?.["switchyard.dev/table-error"]).toBe(`${"x".repeat(1_023)}\u{FFFD}`);
    acknowledgement.tell({ digest, error: undefined });
    await pass(0);
    expect(server.lease().metadata.annotations).toEqual({ "switchyard.dev/table-digest": digest });
  });

  it("is renewed every 15 s, and written once for what is told twice", async () => {
    const acknowledgement = server.acknowledgement();
    acknowledgement.tell({ digest, error: undefined });
    await pass(5_000);
    acknowledgement.tell({ digest, error: undefined });
    await pass(9_999);
    expect(server.calls).toHaveLength(1);
    await pass(1);
    expect(server.calls).toHaveLength(2);
    expect(server.lease().spec["renewTime"]).toBe("2027-03-04T05:06:22.890000Z");
    await pass(45_000);
    expect(server.calls).toHaveLength(5);
  });

  it("is written one at a time: of what is told meanwhile, the last", async () => {
    const first = Promise.withResolvers<unknown>();
    server.answer = () => first.promise;
    const acknowledgement = server.acknowledgement();
    for (const each of ["one", "two", "three"]) {
      acknowledgement.tell({ digest: each, error: undefined });
      await pass(10);
    }
    expect(server.calls).toHaveLength(1);
    first.resolve({});
    await pass(0);
    expect(server.calls).toHaveLength(2);
    expect(server.lease().metadata.annotations).toEqual({ "switchyard.dev/table-digest": "three" });
  });

  it("is tried again ever more slowly while the API server is away, and at once with news", async () => {
    server.answer = away;
    const acknowledgement = server.acknowledgement();
    acknowledgement.tell({ digest: "one", error: undefined });
    const counts = [];
    for (const ms of [0, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
      await pass(ms);
      counts.push(server.calls.length);
    }
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(server.troubles).toHaveLength(7);
    acknowledgement.tell({ digest: "two", error: undefined });
    await pass(0);
    expect(server.calls).toHaveLength(8);
    server.answer = async () => ({});
    await pass(10_000);
    expect(server.calls).toHaveLength(9);
    await pass(14_999);
    expect(server.calls).toHaveLength(9);
  });

  it("ends with the router, without a word on the write that was under way", async () => {
    const acknowledgement = server.acknowledgement();
    acknowledgement.tell({ digest: "one", error: undefined });
    await pass(0);
    const broken = Promise.withResolvers<unknown>();
    server.answer = () => broken.promise;
    acknowledgement.tell({ digest: "two", error: undefined });
    acknowledgement.stop();
    broken.reject(new Error("closed"));
    acknowledgement.tell({ digest: "three", error: undefined });
    await pass(60_000);
    expect(server.calls).toHaveLength(2);
    expect(server.troubles).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
