/** What a node hears from the others, and of the bus itself. */
export interface FanoutListener {
  /** Another node said this. The bytes are the listener's to keep. */
  heard(channel: string, message: Uint8Array): void;
  /** The bus is not there: what others say from now on is missed, and they miss what is said here. */
  lost(): void;
  /** The bus is there, and all subscriptions stand: what others say from now on is heard. Whatever was said before may have been missed. */
  restored(): void;
  /** Somebody who is none of the nodes said something in `channel`: it was left out. */
  forged?(channel: string): void;
}

/**
 * How nodes tell each other what is new. Messages are hints: they come late, twice, out of order, or never, and whoever needs
 * to know for certain asks the store. Nothing here throws for want of a bus, and what cannot be said is not kept.
 */
export interface Fanout {
  /** Whether messages go through, as far as is known. False before {@link start}. */
  readonly isUp: boolean;
  /** Connects, in its own time, and tells `listener`, which hears `restored` first. Called once. */
  start(listener: FanoutListener): void;
  /** Resolves when everything that others say in `channel` from now on is heard while the bus is up; at once when it is not. */
  subscribe(channel: string): Promise<void>;
  /** Nothing of `channel` is heard once this returns. */
  unsubscribe(channel: string): void;
  /**
   * Says something to every other node that has subscribed to `channel`, never to this one. The bytes are copied, or not changed by the caller.
   * @param channel 1 to 512 characters of `[A-Za-z0-9_/.:-]`. @param message At most `FANOUT_BYTES_MAX` bytes: larger ones are left out.
   */
  publish(channel: string, message: Uint8Array): void;
  /** Says what is on its way, and lets go of everything. Closing again succeeds. */
  close(): Promise<void>;
}

/** The largest message, in bytes: 256 KiB. What is larger belongs into the store, and its name on the bus. */
export const FANOUT_BYTES_MAX = 262_144;
