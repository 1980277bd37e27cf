import { FANOUT_BYTES_MAX, type Fanout, type FanoutListener } from "@motet/transport";
import { Envelopes } from "./envelope.js";
import { FanoutError } from "./errors.js";
import { type RedisLines, redisLines } from "./redis-lines.js";
import { Subscriptions } from "./subscriptions.js";

/** Which Redis carries the messages, and who is believed. */
export interface RedisFanoutOptions {
  /** `redis://user:password@host:port`, or `rediss://` for TLS. */
  readonly url: string;
  /** Of a Redis Cluster (7 or later) `url` is any node; channels are spread over its shards. @default false */
  readonly cluster?: boolean;
  /** What all nodes of one cluster of servers share, at least 16 characters: messages of whoever does not have it are ignored. */
  readonly secret?: string;
  /** Instead of a secret: whoever reaches Redis is believed. */
  readonly trustsNetwork?: boolean;
  /** Before the names of all channels, so that several clusters of servers can share a Redis. @default "motet:" */
  readonly prefix?: string;
  /** How often a silent line is asked whether it lives, in milliseconds. @default 5_000 */
  readonly heartbeatMs?: number;
}

/** Bytes that may wait for a Redis that does not take them; what is said beyond is left out, as on a bus that is lost. */
const OUTBOX_BYTES_MAX = 8_388_608;

/** Channels in one command. */
const SUBSCRIBE_MAX = 1_000;

/** The fan-out of many servers, over the publish and subscribe of Redis: nothing is kept there, and nothing is believed that is not sealed. */
export class RedisFanout implements Fanout {
  readonly #lines: RedisLines;
  readonly #envelopes: Envelopes;
  readonly #prefix: string;
  readonly #heartbeatMs: number;
  readonly #subscriptions = new Subscriptions();
  #listener: FanoutListener | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #isUp = false;
  #isClosed = false;
  /** Rises each time a line comes or goes: what was begun before it is of no use. */
  #era = 0;

  /** @throws {FanoutError} `BAD_URL`; `NO_SECRET` without `secret` and `trustsNetwork`; `WEAK_SECRET`. */
  constructor(options: RedisFanoutOptions) {
    const { url, cluster = false, secret, trustsNetwork = false, prefix = "motet:" } = options;
    mustKnowWhomToBelieve(secret, trustsNetwork);
    this.#lines = redisLines(url, cluster);
    this.#envelopes = new Envelopes(secret);
    this.#prefix = prefix;
    this.#heartbeatMs = options.heartbeatMs ?? 5_000;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  start(listener: FanoutListener): void {
    if (this.#isClosed) return;
    this.#listener = listener;
    const { subscriber, publisher, words } = this.#lines;
    subscriber.on(words.event, (channel: Buffer, envelope: Buffer) => this.#hear(`${channel}`, envelope));
    for (const line of [subscriber, publisher]) {
      line.on("error", () => undefined); // It closes as well, and is opened again.
      line.on("close", () => this.#lose());
      line.on("ready", () => void this.#restore());
      line.connect().catch(() => undefined);
    }
    this.#heartbeat = setInterval(() => this.#beat(), this.#heartbeatMs).unref();
  }

  async subscribe(channel: string): Promise<void> {
    this.#subscriptions.add(channel);
    if (this.#areReady) await this.#call("subscribe", [channel]);
  }

  unsubscribe(channel: string): void {
    if (this.#subscriptions.delete(channel) && this.#areReady) void this.#call("unsubscribe", [channel]);
  }

  publish(channel: string, message: Uint8Array): void {
    if (!this.#isUp || message.length > FANOUT_BYTES_MAX || this.#queuedBytes > OUTBOX_BYTES_MAX) return;
    const { publisher, words } = this.#lines;
    const name = this.#prefix + channel;
    // Not answered means not said, and nobody is to wait for it.
    publisher.call(words.publish, [name, this.#envelopes.seal(name, message)]).catch(() => undefined);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isUp = false;
    clearInterval(this.#heartbeat);
    const { subscriber, publisher } = this.#lines;
    subscriber.disconnect();
    if (publisher.status === "ready") await publisher.quit().catch(() => undefined);
    publisher.disconnect();
  }

  get #areReady(): boolean {
    return this.#lines.subscriber.status === "ready" && this.#lines.publisher.status === "ready";
  }

  get #queuedBytes(): number {
    const { publisher } = this.#lines;
    return "stream" in publisher ? (publisher.stream?.writableLength ?? 0) : 0;
  }

  #hear(name: string, envelope: Buffer): void {
    const channel = name.slice(this.#prefix.length);
    const opened = this.#envelopes.open(name, envelope);
    if (opened === "own") return;
    if (opened === undefined) this.#listener?.forged?.(channel);
    else if (this.#subscriptions.isNews(channel, opened.origin, opened.number)) {
      this.#listener?.heard(channel, opened.message);
    }
  }

  /** Both lines are needed: who cannot speak is missed by the others as much as who cannot hear misses them. */
  async #restore(): Promise<void> {
    const era = ++this.#era;
    if (!this.#areReady) return;
    const channels = [...this.#subscriptions];
    for (let from = 0; from < channels.length; from += SUBSCRIBE_MAX) {
      await this.#call("subscribe", channels.slice(from, from + SUBSCRIBE_MAX));
    }
    if (era !== this.#era || this.#isClosed || !this.#areReady) return;
    this.#isUp = true;
    this.#listener?.restored();
  }

  #lose(): void {
    this.#era++;
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#listener?.lost();
  }

  /** A line that a network has cut without a word is found out, and opened again. */
  #beat(): void {
    for (const line of [this.#lines.subscriber, this.#lines.publisher]) {
      if (line.status === "ready" && "stream" in line) line.ping().catch(() => line.disconnect(true));
    }
  }

  /** Fails only when the line does, which is told on its own. */
  async #call(word: "subscribe" | "unsubscribe", channels: readonly string[]): Promise<void> {
    const { subscriber, words } = this.#lines;
    const names = channels.map((channel) => this.#prefix + channel);
    // In a cluster each channel may belong to another shard, and a command to one only.
    const commands = "nodes" in subscriber ? names.map((name) => [name]) : [names];
    await Promise.all(commands.map((some) => subscriber.call(words[word], some).catch(() => undefined)));
  }
}

function mustKnowWhomToBelieve(secret: string | undefined, trustsNetwork: boolean): void {
  if (secret === undefined && !trustsNetwork) {
    throw new FanoutError(
      "NO_SECRET",
      "a fan-out needs a secret, or to be told that it may trust its network",
    );
  }
  if (secret !== undefined && secret.length < 16) {
    throw new FanoutError("WEAK_SECRET", "a secret has at least 16 characters");
  }
}
