import { FANOUT_BYTES_MAX, type Fanout, type FanoutListener } from "./fanout.js";

/**
 * A bus for nodes in one process: for tests, and for programs that run several servers. Every message arrives, once, in order, in a later turn
 * of the event loop.
 */
export class MemoryBus {
  readonly #nodes = new Set<MemoryFanout>();

  /** The bus as one more node has it. */
  node(): Fanout {
    return new MemoryFanout(this.#nodes);
  }
}

class MemoryFanout implements Fanout {
  readonly #nodes: Set<MemoryFanout>;
  readonly #channels = new Set<string>();
  #listener: FanoutListener | undefined;

  constructor(nodes: Set<MemoryFanout>) {
    this.#nodes = nodes;
  }

  get isUp(): boolean {
    return this.#nodes.has(this);
  }

  start(listener: FanoutListener): void {
    this.#listener = listener;
    this.#nodes.add(this);
    queueMicrotask(() => {
      if (this.isUp) listener.restored();
    });
  }

  async subscribe(channel: string): Promise<void> {
    this.#channels.add(channel);
  }

  unsubscribe(channel: string): void {
    this.#channels.delete(channel);
  }

  publish(channel: string, message: Uint8Array): void {
    if (!this.isUp || message.length > FANOUT_BYTES_MAX) return;
    for (const node of this.#nodes)
      if (node !== this && node.#channels.has(channel)) node.#hear(channel, message.slice());
  }

  async close(): Promise<void> {
    this.#nodes.delete(this);
  }

  #hear(channel: string, message: Uint8Array): void {
    queueMicrotask(() => {
      if (this.isUp && this.#channels.has(channel)) this.#listener?.heard(channel, message);
    });
  }
}
