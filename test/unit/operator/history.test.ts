import { expect, test } from "vitest";
import { routersOf, type WatchedPod } from "../../../src/operator/acknowledgements.ts";
import { standingsOf } from "../../../src/operator/group-report.ts";
import { PublicationHistory } from "../../../src/operator/history.ts";
import {
  acknowledgementAnnotations,
  encodeTable,
  type RoutingTable,
} from "../../../src/table/index.ts";
import { tableOf } from "./sample-tables.ts";

const digestOf = (table: RoutingTable) => encodeTable(table).pointer.digest;

/** A history of tables, each added with the buckets that differ from the one before. */
function historyOf(...tables: RoutingTable[]): PublicationHistory {
  const history = new PublicationHistory();
  for (const [index, table] of tables.entries()) {
    history.add(digestOf(table), table, { before: tables[index - 1] });
  }
  return history;
}

const first = tableOf("models", ["chat", "sums"]);
const edited = tableOf("models", ["chat", "sums"], { chat: { models: ["other"] } });
const grown = tableOf("models", ["chat", "sums", "more"], { chat: { models: ["other"] } });

test("an entry is known since the publication that changed it, others stay as they were", () => {
  const history = historyOf(first, edited, grown);
  expect(history.since("routes", "chat")).toEqual({ form: 1, presence: 0 });
  expect(history.since("routes", "sums")).toEqual({ form: 0, presence: 0 });
  expect(history.since("routes", "more")).toEqual({ form: 2, presence: 2 });
  expect(history.since("routes", "none")).toBeUndefined();
});

test("an entry that went and came again is as new as its return", () => {
  const history = historyOf(grown, edited, grown);
  expect(history.since("routes", "more")).toEqual({ form: 2, presence: 2 });
});

test("buckets that did not change are not looked into", () => {
  const history = new PublicationHistory();
  history.add("a", first);
  history.add("b", edited, { before: first, buckets: new Set() });
  expect(history.since("routes", "chat")).toEqual({ form: 0, presence: 0 });
});

test("a table that is published again stands at its last place", () => {
  const history = historyOf(first, edited, first);
  expect(history.indexOf(digestOf(first))).toBe(2);
  expect(history.indexOf(digestOf(edited))).toBe(1);
  expect(history.indexOf("unheard of")).toBe(-1);
  expect(history.indexOf(undefined)).toBe(-1);
});

test("only so many digests are kept, the oldest goes first", () => {
  const history = new PublicationHistory();
  for (let index = 0; index < 5_000; index += 1)
    history.add(`digest-${index}`, first, { before: first, buckets: new Set() });
  expect(history.indexOf("digest-0")).toBe(-1);
  expect(history.indexOf("digest-4999")).toBe(4_999);
});

const pod = (name: string, members: Partial<WatchedPod> = {}): WatchedPod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "models", uid: `uid-${name}` },
  ready: true,
  ...members,
});

const lease = (name: string, digest?: string, error?: string, owner = `uid-${name}`) => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: {
    name,
    namespace: "models",
    ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid: owner }],
    annotations: {
      ...(digest === undefined ? {} : { [acknowledgementAnnotations.digest]: digest }),
      ...(error === undefined ? {} : { [acknowledgementAnnotations.error]: error }),
    },
  },
});

test("a router is what its pod and its own Lease say", () => {
  const pods = [
    pod("a"),
    pod("b", { ready: false }),
    pod("c"),
    pod("d", { metadata: { name: "d", uid: "uid-d", deletionTimestamp: "2026-01-01T00:00:00Z" } }),
    pod("e"),
  ];
  const leases = [
    lease("a", "one"),
    lease("b", "two", "Bucket 3 is missing"),
    lease("c", "three", undefined, "uid-of-an-earlier-pod"),
    lease("z", "four"),
  ];
  expect(routersOf(pods, leases)).toEqual([
    { pod: "a", ready: true, digest: "one" },
    { pod: "b", ready: false, digest: "two", error: "Bucket 3 is missing" },
    { pod: "c", ready: true },
    { pod: "e", ready: true },
  ]);
});

test("routers that serve an older table count for the entries that have not changed since", () => {
  const history = historyOf(first, edited, grown);
  const group = { namespace: "models", routerClass: "default" };
  const of = standingsOf({
    group,
    findings: [],
    compiled: grown,
    published: grown,
    history,
    routers: [
      { pod: "a", ready: true, digest: digestOf(first) },
      { pod: "b", ready: true, digest: digestOf(edited) },
      { pod: "c", ready: true, digest: digestOf(grown) },
      { pod: "d", ready: true, digest: "of another operator's time", error: "Bucket 3 is missing" },
      { pod: "e", ready: false, digest: digestOf(grown) },
    ],
  });
  const shown = (name: string) => {
    const { ready, programmed, serving, isPublished } = of("routes", name);
    return { ready, programmed, serving, isPublished };
  };
  expect(shown("sums")).toEqual({ ready: 4, programmed: 3, serving: 3, isPublished: true });
  expect(shown("chat")).toEqual({ ready: 4, programmed: 2, serving: 3, isPublished: true });
  expect(shown("more")).toEqual({ ready: 4, programmed: 1, serving: 1, isPublished: true });
  expect(shown("none")).toEqual({ ready: 4, programmed: 0, serving: 0, isPublished: false });
  expect(of("routes", "chat").refusals).toEqual([
    "Router d refused the table: Bucket 3 is missing",
  ]);
});

test("what was compiled and not published is pending, entry by entry", () => {
  const of = standingsOf({
    group: { namespace: "models", routerClass: "default" },
    findings: [],
    compiled: grown,
    published: first,
    history: historyOf(first),
    routers: [],
  });
  expect(["chat", "sums", "more"].map((name) => of("routes", name).isPending)).toEqual([
    true,
    false,
    true,
  ]);
});
