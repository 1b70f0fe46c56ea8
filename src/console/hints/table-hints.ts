import { hint, type Look } from "./situation.ts";
import { counted, lasting } from "./in-words.ts";

/** A source is heard every half minute; twice is late, and this long is away. */
const lateMs = 90_000;
const awayMs = 10 * 60_000;

export const noTable: Look = ({ facts: { table } }) => {
  if (table !== null) return [];
  const told = [
    "This router has no table yet: it answers every request with 503",
    "See what its source complains of below, and /readyz",
  ] as const;
  return [hint("urgent", "no_table", told)];
};

export const staleTable: Look = ({ facts: { table, at } }) => {
  if (table === null) return [];
  const silent = table.confirmedAt === null ? at - table.loadedAt : at - table.confirmedAt;
  if (silent < lateMs) return [];
  const told = [
    `The source of the table has not been heard for ${lasting(silent)}: edits do not arrive, and the last table is served on`,
    "In a cluster look whether the API server answers; else whether the folder can be read",
  ] as const;
  return [hint(silent < awayMs ? "warning" : "urgent", "table_unconfirmed", told)];
};

export const sourceProblems: Look = ({ facts: { problems } }) =>
  problems.map((problem) =>
    hint("warning", "source_problem", [problem, "What was published before is served on"]),
  );

export const plansIgnored: Look = ({ facts: { ignoredPlans } }) =>
  ignoredPlans.map((problem) =>
    hint("warning", "plans_ignored", [
      problem,
      "Plans are made anew from labels that this classifier took: see that golden sets or shadows run",
    ]),
  );

export const limitsStoreAway: Look = ({ facts: { limitStore } }) => {
  if (limitStore?.isAway !== true) return [];
  const unsettled = counted(limitStore.unsettled, "settlement");
  const told = [
    `The store of tenants' limits is out of reach, and ${unsettled} wait for it: each policy's storeFailure decides what its requests get`,
    "Look at Redis or Valkey, and at SWITCHYARD_REDIS_URL",
  ] as const;
  return [hint("urgent", "limit_store_away", told)];
};

export const lostRecords: Look = ({ facts: { droppedRecords } }) => {
  if (droppedRecords === 0) return [];
  const told = [
    `${counted(droppedRecords, "record")} could not be written since this router began: costs and evidence of them are lost`,
    "The router's log says what failed: a slow reader of its output, a full disk or a bucket",
  ] as const;
  return [hint("warning", "records_dropped", told)];
};
