import { seededRandom } from "../../src/lib/index.ts";
import { directorySink, type RequestRecord } from "../../src/records/index.ts";
import { makeLabel, makeRecord } from "./observations.ts";

/** By candidate of the local example's route `assistant`, the baseline last: what an answer costs in USD. */
const assistantCosts = {
  "nova-micro": 0.0001,
  "nova-lite": 0.0002,
  "claude-haiku-eu": 0.002,
  "claude-sonnet-eu": 0.01,
};

/**
 * Keeps what the replay of a golden set leaves behind: prompts that each candidate answered, right nine times of
 * ten, as the classifier knew.
 *
 * @param ts ISO 8601
 * @param digest of the classifier
 */
export async function keepGoldenRecords(
  folder: string,
  {
    prompts,
    ts,
    digest,
    namespace = "default",
  }: { prompts: number; ts: string; digest: string; namespace?: string },
): Promise<void> {
  const sink = directorySink(folder);
  const random = seededRandom(1);
  for (let prompt = 0; prompt < prompts; prompt += 1) {
    for (const backend of Object.keys(assistantCosts)) {
      const ids = { namespace, route: "assistant", class: "default", tenant: null };
      const request = { ...ids, request_id: `${backend}-${prompt}`, ts, classifier_digest: digest };
      sink.write(makeRecord({ ...request, arm: "golden", estimates: estimates() }));
      const prompt_id = `golden:set/${prompt}`;
      const label_id = `${prompt_id}/${backend}`;
      const heads = [random(), 0, 0, 0, 1, 1, 1, 1];
      const score = random() < 0.9 ? 1 : 0;
      sink.write(
        makeLabel({ ...request, backend, label_id, prompt_id, source: "golden", score, heads }),
      );
    }
  }
  await sink.close();
}

function estimates(): RequestRecord["estimates"] {
  return Object.entries(assistantCosts).map(([backend, usd]) => ({
    backend,
    p_correct: 0.9,
    cost_usd: usd,
    expected_cost_usd: usd,
    ttft_p95_ms: 500,
    total_p95_ms: 1_000,
    in_envelope: true,
    dropped: null,
  }));
}
