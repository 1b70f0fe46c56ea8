// One contender in one round: started, warmed up, and measured under each load in turn.
import { processUsage } from "../../test/support/process-usage.ts";
import type { Contender } from "./contenders/contender.ts";
import type { Job, Loaded } from "./load/job.ts";
import { RunningGateway } from "./running-gateway.ts";
import type { Stage } from "./stage.ts";

/** A load, with what the gateway used for it. */
export interface Measured extends Loaded {
  cpuMicrosPerRequest: number;
  /** Share of its core; far below 1 under full load something else was the limit. */
  busy: number;
  /** Resident, at the end. */
  rssMb: number;
}

export interface Loads {
  /** 64 callers. */
  full: Measured;
  /** A tenth of full load, in an open loop. */
  tenth: Measured;
  /** One caller. */
  single: Measured;
  /** 32 streams at a time, and one; null where it cannot stream. */
  streams: Measured | null;
  singleStream: Measured | null;
}

export interface Figures extends Loads {
  /** What of telemetry arrived, by the end, for each request: a gateway that drops some is found out. */
  spansPerRequest: number;
  recordsPerRequest: number;
  /** Why it has no streams. */
  streamProblem: string | null;
}

export interface Pace {
  /** Of each measurement. */
  seconds: number;
  /** Requests a second of the tenth of full load, where a tenth of its own is not less. */
  tenth: number | undefined;
}

const fullCallers = 64;
const streamCallers = 32;

const mbPerMib = 1.048576;

/** Asked while it started: one whole, and a stream. */
const probes = 2;

export async function measure(
  contender: Contender,
  stage: Stage,
  pace: Pace,
  nodeFlags: readonly string[],
): Promise<Figures> {
  await stage.takeSpans();
  const gateway = await RunningGateway.start(contender, stage, nodeFlags);
  const streams = gateway.streamProblem === null;
  let answered = probes;
  const under: Under = async (stream, shape, seconds) => {
    const measured = await underLoad(gateway, stage, gateway.job(stream, shape, seconds));
    answered += measured.answered;
    return measured;
  };
  try {
    const loads = await measureLoads(under, streams, pace);
    // Its last spans and records come while it ends.
    await gateway.process.stop();
    return {
      ...loads,
      spansPerRequest: (await stage.takeSpans()) / answered,
      recordsPerRequest: gateway.process.lines / answered,
      streamProblem: gateway.streamProblem,
    };
  } finally {
    await gateway.process.stop();
  }
}

/**
 * How long each contender is under the load before it is measured: Node's compilers take some forty thousand
 * requests until what is called often is as fast as it gets, and the limit with its little code is there
 * first. Who gains nothing by it gets the same time. Short measurements are for a look, or a test.
 */
const warmUp = { seconds: 8, most: 4 };

const warmUpSeconds = (seconds: number): number => Math.min(warmUp.seconds, warmUp.most * seconds);

type Under = (stream: boolean, shape: Job["shape"], seconds: number) => Promise<Measured>;

async function measureLoads(
  under: Under,
  streams: boolean,
  { seconds, tenth }: Pace,
): Promise<Loads> {
  await under(false, { callers: fullCallers }, warmUpSeconds(seconds));
  const full = await under(false, { callers: fullCallers }, seconds);
  const perSecond = Math.min(tenth ?? Infinity, full.perSecond / 10);
  const whole = {
    full,
    tenth: await under(false, { perSecond }, seconds),
    single: await under(false, { callers: 1 }, seconds / 2),
  };
  if (!streams) return { ...whole, streams: null, singleStream: null };
  await under(true, { callers: streamCallers }, warmUpSeconds(seconds) / 2);
  return {
    ...whole,
    streams: await under(true, { callers: streamCallers }, seconds),
    singleStream: await under(true, { callers: 1 }, seconds / 2),
  };
}

async function underLoad(gateway: RunningGateway, stage: Stage, job: Job): Promise<Measured> {
  const before = await processUsage(gateway.process.pid);
  const startedAt = performance.now();
  const loaded = await stage.load(job);
  const tookMs = performance.now() - startedAt;
  const after = await processUsage(gateway.process.pid);
  if (loaded.failures > 0 || loaded.requests === 0) {
    const why = loaded.firstFailure ?? "none was answered in time";
    throw new Error(`${loaded.failures} requests failed: ${why}; ${gateway.process.complaint}`);
  }
  const cpuMs = after.cpuMs - before.cpuMs;
  return {
    ...loaded,
    cpuMicrosPerRequest: (cpuMs * 1_000) / loaded.answered,
    busy: cpuMs / tookMs,
    rssMb: after.rssMiB * mbPerMib,
  };
}
