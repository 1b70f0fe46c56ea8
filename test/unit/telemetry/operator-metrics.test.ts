import { expect, it } from "vitest";
import { makeOperatorMetrics, metrics } from "../../../src/telemetry/index.ts";

const numbersIn = (text: string): string[] =>
  text.split("\n").filter((line) => line !== "" && !line.startsWith("#") && !/_bucket/.test(line));

it("an operator that has done nothing shows zeros, so that a rate has a beginning", async () => {
  expect(numbersIn(await makeOperatorMetrics(() => false).text())).toEqual([
    "switchyard_operator_leader 0",
    "switchyard_operator_reconcile_errors_total 0",
    "switchyard_operator_tables_published_total 0",
    "switchyard_operator_groups_failing 0",
    "switchyard_operator_namespaces_left 0",
    "switchyard_operator_statuses_written_total 0",
  ]);
});

it("what an operator does is counted, and whether it leads is read when it is asked", async () => {
  let leads = false;
  const operator = makeOperatorMetrics(() => leads);
  operator.reconciled(0.004);
  operator.reconciled(0.02);
  operator.reconcileFailed();
  operator.tablePublished();
  operator.statusWritten();
  operator.statusWritten();
  operator.groupsFailing(1);
  operator.namespacesLeft(3);
  leads = true;
  const text = await operator.text();
  expect(numbersIn(text)).toEqual([
    "switchyard_operator_leader 1",
    "switchyard_operator_reconcile_duration_sum 0.024",
    "switchyard_operator_reconcile_duration_count 2",
    "switchyard_operator_reconcile_errors_total 1",
    "switchyard_operator_tables_published_total 1",
    "switchyard_operator_groups_failing 1",
    "switchyard_operator_namespaces_left 3",
    "switchyard_operator_statuses_written_total 2",
  ]);
  expect(text).toContain('switchyard_operator_reconcile_duration_bucket{le="0.005"} 1\n');
  expect(text).toContain('switchyard_operator_reconcile_duration_bucket{le="0.02"} 2\n');
});

it("everything that is shown stands in the table of names, with its help", async () => {
  const text = await makeOperatorMetrics(() => true).text();
  const helps = [...text.matchAll(/^# HELP \S+ (.+)$/gm)].map(([, help]) => help);
  const known: readonly string[] = Object.values(metrics).map(({ description }) => description);
  expect(helps.length).toBeGreaterThan(3);
  expect(helps.filter((help) => !known.includes(help ?? ""))).toEqual([]);
});
