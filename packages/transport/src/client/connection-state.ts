/**
 * Where a client's line to its server stands.
 *
 *     idle --start--> connecting --opened--> open
 *                       |  ^  ^               |
 *                  lost |  |  +-- retry --+   | lost
 *                       v  |              |   v
 *                       +--+-----------> waiting
 *
 *     stop leads to idle and refuse to refused from everywhere; start leads out of both.
 */
export type ConnectionState = "idle" | "connecting" | "open" | "waiting" | "refused";

/** What happens to a line. */
export type ConnectionEvent =
  /** The application wants one. */
  | "start"
  /** It stands. */
  | "opened"
  /** It is gone, or could not be had; worth another attempt. */
  | "lost"
  /** The wait is over. */
  | "retry"
  /** The server wants no other attempt. */
  | "refuse"
  /** The application wants it no longer. */
  | "stop";

/** Every state and every event: where one leads. What leads to its own state has no effect. */
export const nextConnectionState: Readonly<
  Record<ConnectionState, Readonly<Record<ConnectionEvent, ConnectionState>>>
> = {
  // biome-ignore format: a table
  idle:       { start: "connecting", opened: "idle",    lost: "idle",    retry: "idle",       refuse: "refused", stop: "idle" },
  // biome-ignore format: a table
  connecting: { start: "connecting", opened: "open",    lost: "waiting", retry: "connecting", refuse: "refused", stop: "idle" },
  // biome-ignore format: a table
  open:       { start: "open",       opened: "open",    lost: "waiting", retry: "open",       refuse: "refused", stop: "idle" },
  // biome-ignore format: a table
  waiting:    { start: "connecting", opened: "waiting", lost: "waiting", retry: "connecting", refuse: "refused", stop: "idle" },
  // biome-ignore format: a table
  refused:    { start: "connecting", opened: "refused", lost: "refused", retry: "refused",    refuse: "refused", stop: "idle" },
};
