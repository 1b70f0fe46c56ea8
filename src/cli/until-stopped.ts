/** One Ctrl-C comes twice where npm runs the program: from the terminal, and passed on by npm. */
const echoMs = 500;

/** Resolves with the first signal to stop. A second one ends the process at once: somebody is in a hurry. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stoppedAt: number | undefined;
    const onSignal = (signal: NodeJS.Signals) => {
      if (stoppedAt !== undefined && performance.now() - stoppedAt > echoMs) process.exit(130);
      stoppedAt ??= performance.now();
      resolve(signal);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
    // A terminal that is closed.
    process.on("SIGHUP", onSignal);
  });
}
