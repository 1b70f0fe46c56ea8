import { join } from "node:path";

/** The report and its page, beside the records of a local router. */
export const driftFiles = (recordFolder: string): { report: string; page: string } => ({
  report: join(recordFolder, "drift", "drift.json"),
  page: join(recordFolder, "drift", "report.html"),
});
