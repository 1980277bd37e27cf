/** The channels that this node has subscribed to, and what was heard last in each of whom. */
export class Subscriptions implements Iterable<string> {
  readonly #heard = new Map<string, Map<string, number>>();

  add(channel: string): void {
    if (!this.#heard.has(channel)) this.#heard.set(channel, new Map());
  }

  delete(channel: string): boolean {
    return this.#heard.delete(channel);
  }

  has(channel: string): boolean {
    return this.#heard.has(channel);
  }

  /** Whether a message is news: its channel is subscribed to, and no later one of the same node was heard there, nor itself. */
  isNews(channel: string, origin: string, number: number): boolean {
    const heard = this.#heard.get(channel);
    if (heard === undefined || number <= (heard.get(origin) ?? 0)) return false;
    heard.delete(origin);
    heard.set(origin, number);
    if (heard.size > ORIGINS_MAX) heard.delete(heard.keys().next().value!);
    return true;
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#heard.keys();
  }
}

/** Nodes that are remembered for a channel; of one more the one that was silent longest is forgotten. Nodes come and go with every restart. */
const ORIGINS_MAX = 1_024;
