import { connect, MemoryLocalStore, type RemoteDocument } from "@motet/client";
import { type Random, random } from "@motet/testing";
import type { Socket, SocketListener } from "@motet/transport";
import { ManualClock, MemorySocket } from "@motet/transport/testing";
import { ReplicaServer } from "../../../client/test/support/replica-server.js";

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}

/** A server, documents that are connected to it, and a network between them that the test may hold up. */
export class World {
  readonly server = new ReplicaServer();
  readonly clock = new ManualClock();
  readonly #rng: Random;
  /** What is on its way, by line and direction; `undefined` while everything arrives at once. */
  #onTheWay: (() => void)[][] | undefined;

  constructor(seed = 1) {
    this.#rng = random(seed);
    this.server.nowMs = this.clock.now;
  }

  /** Opens the document, and waits until it is what the server has. */
  async open(user: string): Promise<RemoteDocument> {
    const document = connect("http://example.org", {
      document: "minutes",
      user,
      name: user.toUpperCase(),
      activity: false,
      store: new MemoryLocalStore(),
      platform: {
        open: (_url, listener) => this.#line(listener),
        clock: this.clock,
        random: () => this.#rng.int(2 ** 20) / 2 ** 20,
        randomBytes: (count) => Uint8Array.from({ length: count }, () => this.#rng.int(256)),
        wakeUps: () => () => {},
      },
    });
    await settle();
    return document;
  }

  /** From now on nothing arrives but by `deliver`. */
  hold(): void {
    this.#onTheWay ??= [];
  }

  /** Lets `count` messages arrive, of lines and directions drawn by `rng`. */
  async deliver(rng: Random, count: number): Promise<void> {
    for (let sent = 0; sent < count; sent++) {
      const waiting = this.#onTheWay?.filter((line) => line.length > 0) ?? [];
      if (waiting.length === 0) return;
      waiting[rng.int(waiting.length)]!.shift()!();
      await settle();
    }
  }

  /** Lets everything arrive. */
  async deliverAll(rng: Random): Promise<void> {
    await settle();
    while (this.#onTheWay?.some((line) => line.length > 0)) await this.deliver(rng, 1);
  }

  async #line(listener: SocketListener): Promise<Socket> {
    const [near, far] = MemorySocket.pair();
    near.listen(this.#slow(listener));
    far.listen(this.#slow(this.server.accept(far)));
    return near;
  }

  #slow(listener: SocketListener): SocketListener {
    const line: (() => void)[] = [];
    this.#onTheWay?.push(line);
    const arrive = (report: () => void) => {
      if (this.#onTheWay === undefined) return report();
      if (!this.#onTheWay.includes(line)) this.#onTheWay.push(line);
      line.push(report);
    };
    return {
      ...listener,
      text: (text) => arrive(() => listener.text(text)),
      binary: (bytes) => arrive(() => listener.binary(bytes.slice())),
    };
  }
}
