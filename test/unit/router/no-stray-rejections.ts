import { afterEach, beforeEach, expect, vi } from "vitest";

/** Gives each test of the file a clock of its own, and fails those that leave a rejection to nobody. */
export function useFakeTimersWithoutStrayRejections(): void {
  const unhandled = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    unhandled.mockClear();
    process.on("unhandledRejection", unhandled);
  });

  afterEach(async () => {
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
}
