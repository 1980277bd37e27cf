import { type Random, random } from "@motet/testing";
import { Frame, type Socket, type SocketListener } from "@motet/transport";
import { ManualClock, MemorySocket } from "@motet/transport/testing";
import {
  type ClientError,
  type ConnectOptions,
  connect,
  type LocalStore,
  MemoryLocalStore,
  type Rejection,
  type RemoteDocument,
  type SyncState,
} from "../../src/index.js";
import { ReplicaServer } from "./replica-server.js";

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
}

/** Cuts a line after so many messages, counted in both directions; `Infinity` never does. */
export interface Scissors {
  messagesLeft: number;
}

/** Whether a page is still there. */
export interface Life {
  isOver: boolean;
}

/** One page: a remote document and what it told. */
export class Page {
  readonly states: SyncState[] = [];
  readonly problems: ClientError[] = [];
  readonly refusals: ClientError[] = [];
  readonly rejections: Rejection[] = [];
  readonly broadcasts: unknown[] = [];

  constructor(
    readonly document: RemoteDocument,
    readonly life: Life,
  ) {
    document.on("state", ({ state }) => this.states.push(state));
    document.on("problem", (error) => this.problems.push(error));
    document.on("refused", (error) => this.refusals.push(error));
    document.on("rejected", (rejection) => this.rejections.push(rejection));
    document.on("broadcast", ({ payload }) => this.broadcasts.push(payload));
  }

  get text(): string {
    return this.document.text;
  }

  /** Types at the end, a turn for each piece of text. */
  async type(...texts: string[]): Promise<void> {
    for (const text of texts) {
      this.document.insert(this.document.length, text);
      await Promise.resolve();
      await Promise.resolve();
    }
  }
}

/** A server, pages that connect to it, a network between them, and a clock for all. */
export class World {
  readonly clock = new ManualClock();
  readonly server = new ReplicaServer();
  readonly #rng: Random;
  isNetworkUp = true;
  attempts = 0;
  /** What each client has sent and been sent, as the network saw it. */
  messages = 0;
  scissors: Scissors = { messagesLeft: Number.POSITIVE_INFINITY };
  /** TCP lives, and nothing arrives any more. */
  isSilent = false;
  wake: () => void = () => {};

  constructor(seed = 1) {
    this.#rng = random(seed);
    this.server.nowMs = this.clock.now;
  }

  /** Opens a page, and waits until it has read its store and done what it can at once. */
  async open(options: Partial<ConnectOptions> = {}): Promise<Page> {
    const page = this.openNow(options);
    await settle();
    return page;
  }

  /** A page is gone from one moment to the next: it hears, sends and writes nothing any more. */
  async crash(page: Page): Promise<void> {
    page.life.isOver = true;
    this.server.cutAll();
    await settle();
  }

  openNow(options: Partial<ConnectOptions> = {}): Page {
    const life: Life = { isOver: false };
    const document = connect("http://example.org", {
      document: "minutes",
      user: "ann",
      store: new MemoryLocalStore(),
      ...options,
      platform: {
        open: (_url, listener) => this.#line(listener, life),
        clock: this.clock,
        random: () => this.#rng.int(2 ** 20) / 2 ** 20,
        randomBytes: (count) => Uint8Array.from({ length: count }, () => this.#rng.int(256)),
        wakeUps: (wake) => {
          this.wake = wake;
          return () => {};
        },
        endOfTurn: (run) => queueMicrotask(() => life.isOver || run()),
        ...options.platform,
      },
    });
    return new Page(document, life);
  }

  /** Lets time pass, so that whoever waits comes back. */
  async pass(byMs: number, stepMs = 500): Promise<void> {
    for (let left = byMs; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left));
      await settle();
    }
  }

  async #line(listener: SocketListener, life: Life): Promise<Socket> {
    if (life.isOver) return new Promise(() => {});
    this.attempts++;
    if (!this.isNetworkUp) throw new Error("no network");
    const [near, far] = MemorySocket.pair();
    const cut = () => near.terminate();
    near.listen(this.#counted(listener, cut, life));
    far.listen(this.#counted(this.server.accept(far), cut, { isOver: false }));
    return near;
  }

  /** Counts what arrives; the message that finds no more left is lost with the line. */
  #counted(listener: SocketListener, cut: () => void, life: Life): SocketListener {
    const deliver = (report: () => void) => {
      if (this.isSilent || life.isOver) return;
      this.messages++;
      if (this.scissors.messagesLeft-- > 0) report();
      else cut();
    };
    return {
      text: (text) => deliver(() => listener.text(text)),
      binary: (bytes) => deliver(() => listener.binary(bytes)),
      heard: () => listener.heard(),
      closed: (code, reason) => life.isOver || listener.closed(code, reason),
      failed: (error) => listener.failed(error),
    };
  }
}

/** A frame that holds `text` as it is. */
export const textFrame = (text: string): Frame => Frame.text(text);

/** A store whose writes the test counts, and may hold or let fail. */
export class TestStore extends MemoryLocalStore implements LocalStore {
  writes = 0;
  isBroken = false;
  #held: Promise<void> | undefined;
  #release: () => void = () => {};

  /** Writes wait until `release`. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#held = undefined;
    this.#release();
  }

  override async write(...request: Parameters<LocalStore["write"]>): ReturnType<LocalStore["write"]> {
    this.writes++;
    await this.#held;
    if (this.isBroken) throw new Error("the disk is full");
    return super.write(...request);
  }
}
