import { afterEach, beforeEach, expect, it } from "vitest";
import {
  connect,
  EventRecorder,
  type Connection,
  type EventNews,
} from "../../../src/kube/index.ts";
import { reset, status } from "../../support/kube/faults.ts";
import { HostileApi, type Call } from "../../support/kube/hostile-api.ts";

let api: HostileApi;
let connection: Connection;
let troubles: unknown[];
let recorder: EventRecorder;

const clock = { now: () => Date.UTC(2027, 0, 2, 3, 4, 5), elapsed: () => 0 };

beforeEach(async () => {
  api = await HostileApi.start();
  connection = connect(api.endpoint);
  troubles = [];
  recorder = makeRecorder();
});

afterEach(async () => {
  await connection.close();
  await api.close();
});

const makeRecorder = () =>
  new EventRecorder({
    connection,
    controller: "switchyard.dev/operator",
    instance: "operator-0",
    clock,
    onTrouble: (error) => troubles.push(error),
  });

const news = (changes: Partial<EventNews> = {}): EventNews => ({
  regarding: {
    apiVersion: "switchyard.dev/v1alpha1",
    kind: "ModelRoute",
    metadata: { name: "chat", namespace: "shop", uid: "u-1", resourceVersion: "7" },
  },
  type: "Warning",
  reason: "ApplyFailed",
  action: "Applying",
  note: "The Deployment cannot be applied",
  ...changes,
});

const events = (namespace = "shop") =>
  api.state.list({ resource: "/apis/events.k8s.io/v1/events", namespace, name: undefined });

const isPatch = ({ method }: Call): boolean => method === "PATCH";

it("writes an Event as the API wants it", async () => {
  await recorder.record(news());
  expect(events()).toEqual([
    {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: expect.objectContaining({
        name: expect.stringMatching(/^chat\.[0-9a-f]{16}$/),
        namespace: "shop",
      }),
      eventTime: "2027-01-02T03:04:05.000000Z",
      reportingController: "switchyard.dev/operator",
      reportingInstance: "operator-0",
      type: "Warning",
      reason: "ApplyFailed",
      action: "Applying",
      note: "The Deployment cannot be applied",
      regarding: {
        apiVersion: "switchyard.dev/v1alpha1",
        kind: "ModelRoute",
        name: "chat",
        namespace: "shop",
        uid: "u-1",
        resourceVersion: "7",
      },
    },
  ]);
});

it("counts up what is repeated, also by another process and at the same time", async () => {
  await recorder.record(news());
  await recorder.record(news());
  const others = [makeRecorder(), makeRecorder(), recorder];
  await Promise.all(others.map((each) => each.record(news())));
  expect(events()).toHaveLength(1);
  expect(events()[0]?.["series"]).toEqual({
    count: 5,
    lastObservedTime: "2027-01-02T03:04:05.000000Z",
  });
  expect(troubles).toEqual([]);
});

it.each<[string, Partial<EventNews>]>([
  ["another note", { note: "The Service cannot be applied" }],
  ["another reason", { reason: "PublishFailed" }],
  ["another action", { action: "Publishing" }],
])("makes a second Event of %s", async (_, changes) => {
  await recorder.record(news());
  await recorder.record(news(changes));
  expect(events()).toHaveLength(2);
});

it("makes a second Event of the same news about an object made anew", async () => {
  await recorder.record(news());
  const { regarding } = news();
  const metadata = { ...regarding.metadata, uid: "u-2" };
  await recorder.record(news({ regarding: { ...regarding, metadata } }));
  expect(events()).toHaveLength(2);
});

it.each([
  ["ASCII", "x".repeat(3_000), 1_024],
  ["two bytes a character", "ü".repeat(1_000), 1_024],
  ["three bytes a character", "東".repeat(1_000), 1_023],
  ["pairs of surrogates", "🚆".repeat(1_000), 1_024],
])("keeps notes of %s within 1,024 bytes, of whole characters", async (_, note, bytes) => {
  await recorder.record(news({ note }));
  const written = String(events()[0]?.["note"]);
  expect(Buffer.byteLength(written)).toBe(bytes);
  expect(note.startsWith(written)).toBe(true);
  expect(written.isWellFormed()).toBe(true);
});

it("files Events of cluster-wide objects under default, without giving these a namespace", async () => {
  const metadata = { name: "modelroutes.switchyard.dev", uid: "u-3" };
  await recorder.record(news({ regarding: { ...news().regarding, metadata } }));
  const [event] = events("default");
  expect(event?.["regarding"]).not.toHaveProperty("namespace");
});

it.each([`${"a".repeat(199)}-${"b".repeat(50)}`, "system:node", `${"a".repeat(198)}.-b`])(
  "names Events as the API allows, whatever the object is called: %s",
  async (name) => {
    const { regarding } = news();
    await recorder.record(
      news({ regarding: { ...regarding, metadata: { ...regarding.metadata, name } } }),
    );
    const written = events()[0]?.metadata.name ?? "";
    expect(written.length).toBeLessThanOrEqual(253);
    expect(written).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
  },
);

it.each([
  ["making", () => api.order(reset)],
  ["reading", () => api.order(status(404), ({ method }) => method === "GET")],
  ["counting up", () => api.order(status(500), isPatch)],
])("never rejects: a failure of %s it is told to who listens", async (what, order) => {
  if (what !== "making") await recorder.record(news());
  order();
  await recorder.record(news());
  expect(troubles).toHaveLength(1);
});

it("gives up counting where others are always quicker", async () => {
  await recorder.record(news());
  for (let index = 0; index < 20; index += 1)
    api.order(status(409, { reason: "Conflict" }), isPatch);
  await recorder.record(news());
  expect(troubles).toHaveLength(1);
  expect(api.calls.filter(isPatch)).toHaveLength(5);
});
