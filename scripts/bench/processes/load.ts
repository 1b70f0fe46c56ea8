// Makes the bench's load, a job at a time, as its parent says. Ends with it.
import { makeLoad } from "../load/make-load.ts";
import type { Job } from "../load/job.ts";

process.on("message", (job: Job) => {
  makeLoad(job).then(
    (loaded) => process.send?.({ loaded }),
    (error: unknown) => process.send?.({ problem: String(error) }),
  );
});
process.on("disconnect", () => process.exit());
