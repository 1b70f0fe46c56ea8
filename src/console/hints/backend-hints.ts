import type { BackendRow, LatencyRow, RouteRow } from "../console-view.ts";
import { usualFailure } from "./causes.ts";
import { ejectionInWords, failureInWords } from "./failure-words.ts";
import { counted, lasting, listed, millis, percent, theLast } from "./in-words.ts";
import { hint, type Look } from "./situation.ts";

export const ejectedBackends: Look = ({ backends, routes, facts: { at, traffic } }) =>
  backends
    .filter(({ state }) => state !== "closed")
    .map((row) => {
      const isSole = routes.some((each) => isDownBy(each, row.backend));
      const severity = isSole ? "urgent" : row.state === "open" ? "warning" : "notice";
      const since = row.sinceAt === null ? "" : ` for ${lasting(at - row.sinceAt)}`;
      const state =
        row.state === "open"
          ? `has been ejected${since}: ${ejectionInWords(row.reason)}`
          : `is being tried again${since}, since it was ejected: ${ejectionInWords(row.reason)}`;
      const code = usualFailure(traffic.requests, row.backend);
      const cause = code === null ? "" : `; it ${failureInWords(code)}`;
      const sentence = `Backend ${row.backend} (${row.model} in ${row.region}) ${state}${cause}${servedBy(row, isSole)}`;
      return hint(severity, "backend_ejected", [sentence, nextProbe(row, at)], {
        backend: row.backend,
      });
    });

const isDownBy = ({ health, away }: RouteRow, backend: string): boolean =>
  health === "down" && away.some((each) => each.backend === backend);

function servedBy({ routes }: BackendRow, isSole: boolean): string {
  if (routes.length === 0) return "; no route uses it";
  const names = `${routes.length === 1 ? "Route" : "Routes"} ${listed(routes)}`;
  return isSole ? `. ${names}: nothing else is ready` : `. ${names}: others serve instead of it`;
}

function nextProbe({ state, probeAt }: BackendRow, at: number): string {
  if (state === "half_open")
    return "One request at a time finds out whether it is well; three in a row bring it back";
  if (probeAt === null) return "It is tried again by itself";
  return `It is tried again in ${lasting(Math.max(0, probeAt - at))}; see the provider's status and quotas meanwhile`;
}

export const slowBackends: Look = ({ latency }) =>
  latency.filter(({ slowerBy }) => slowerBy !== null).map(slowHint);

function slowHint({
  route,
  backend,
  slowerBy,
  total,
  firstToken,
}: LatencyRow): ReturnType<Look>[number] {
  const now = total ?? firstToken;
  const figures =
    now === null
      ? ""
      : `: ${total === null ? "first tokens" : "answers"} take ${millis(now.p50Ms)} at the median and ${millis(now.p95Ms)} at P95 over the last five minutes`;
  const sentence = `Backend ${backend} has become ${(slowerBy ?? 1).toFixed(1)} times as slow on route ${route} within the last two minutes${figures}`;
  const advice =
    "Where others take over clients may not feel it yet; see the region's health and the prompts' length";
  return hint("warning", "backend_slow", [sentence, advice], { route, backend });
}

export const failingBackends: Look = ({ latency, backends, facts: { traffic } }) => {
  const away = new Set(
    backends.filter(({ state }) => state !== "closed").map((row) => row.backend),
  );
  return latency
    .filter(({ backend }) => !away.has(backend))
    .flatMap(({ route, backend, failing }) => {
      if (failing === null) return [];
      const { overMs, attempts, share } = failing;
      const code = usualFailure(traffic.requests, backend);
      const cause = code === null ? "" : `: it ${failureInWords(code)}`;
      const sentence = `Backend ${backend} fails ${percent(share)} of its ${counted(attempts, "attempt")} of ${theLast(overMs)} on route ${route}${cause}`;
      const advice =
        "Retries and other candidates may hide it from clients; outlier of the ModelBackend says when it is ejected";
      return [hint("warning", "backend_failing", [sentence, advice], { route, backend })];
    });
};

export const fullBackends: Look = ({ backends }) =>
  backends
    .filter(({ queued }) => queued > 0)
    .map((row) =>
      hint(
        "warning",
        "backend_full",
        [
          `${counted(row.queued, "request")} ${row.queued === 1 ? "waits" : "wait"} for a place at backend ${row.backend}: all ${row.mostInFlight ?? row.inFlight} are taken`,
          "Raise concurrency of the ModelBackend where the provider bears it, or add routers",
        ],
        { backend: row.backend },
      ),
    );
