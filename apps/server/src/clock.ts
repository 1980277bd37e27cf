/**
 * The two times that the server asks for, so that a test can put its own in their place.
 * Everything below the server takes time as a parameter.
 */
export interface Clock {
  /** Milliseconds since 1970. May jump; used for what people read and for title stamps. */
  wallMs(): number;
  /** Milliseconds since some start. Never goes back; used for every timeout. */
  monotonicMs(): number;
}

/** The clocks of this machine. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
