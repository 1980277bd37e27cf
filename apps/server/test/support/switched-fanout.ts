import type { Fanout, FanoutListener } from "@motet/transport";

/** A node's line to the bus, which can be cut. */
export class SwitchedFanout implements Fanout {
  readonly inner: Fanout;
  #listener: FanoutListener | undefined;
  #isCut = false;
  #isMuffled = false;

  constructor(inner: Fanout) {
    this.inner = inner;
  }

  get isUp(): boolean {
    return !this.#isCut && this.inner.isUp;
  }

  cut(): void {
    this.#isCut = true;
    this.#listener?.lost();
  }

  /** What is said here is lost, and nobody notices, until {@link mend}. */
  muffle(): void {
    this.#isMuffled = true;
  }

  mend(): void {
    if (!this.#isCut) {
      this.#isMuffled = false;
      return;
    }
    this.#isCut = false;
    this.#listener?.restored();
  }

  /** Somebody says something who does not know the secret. */
  forge(channel: string): void {
    this.#listener?.forged?.(channel);
  }

  start(listener: FanoutListener): void {
    this.#listener = listener;
    this.inner.start({
      heard: (channel, message) => {
        if (!this.#isCut) listener.heard(channel, message);
      },
      lost: () => listener.lost(),
      restored: () => listener.restored(),
    });
  }

  subscribe(channel: string): Promise<void> {
    return this.inner.subscribe(channel);
  }

  unsubscribe(channel: string): void {
    this.inner.unsubscribe(channel);
  }

  publish(channel: string, message: Uint8Array): void {
    if (!this.#isCut && !this.#isMuffled) this.inner.publish(channel, message);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
