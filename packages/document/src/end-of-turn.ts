interface Platform {
  readonly setImmediate?: (work: () => void) => unknown;
  readonly setTimeout: (work: () => void, ms: number) => unknown;
}

/** Runs `work` once at the end of this turn of the event loop, after everything that has arrived in it. */
export function atEndOfTurn(work: () => void): void {
  const platform = globalThis as unknown as Platform;
  if (platform.setImmediate !== undefined) platform.setImmediate(work);
  else platform.setTimeout(work, 0);
}
