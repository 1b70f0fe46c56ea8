/** Resolves with the promise or after `ms`, whichever is first; never rejects. */
export async function boundedWait(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise.catch(() => undefined), bound]);
  clearTimeout(timer);
}
