const DAY_MS = 86_400_000;

/** A moment as people say it: "Today, 14:05", "Yesterday, 9:30", "3 Nov, 11:20", in the browser's language. */
export function dayAndTime(timeMs: number, nowMs = Date.now()): string {
  return `${dayOf(timeMs, nowMs)}, ${clockTime(timeMs)}`;
}

/** The time of day, to the minute. */
export function clockTime(timeMs: number): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(timeMs);
}

function dayOf(timeMs: number, nowMs: number): string {
  const daysAgo = Math.round((midnightOf(nowMs) - midnightOf(timeMs)) / DAY_MS);
  if (daysAgo === 0) return "Today";
  if (daysAgo === 1) return "Yesterday";
  const isThisYear = new Date(timeMs).getFullYear() === new Date(nowMs).getFullYear();
  const year = isThisYear ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", ...year }).format(timeMs);
}

function midnightOf(timeMs: number): number {
  return new Date(timeMs).setHours(0, 0, 0, 0);
}
