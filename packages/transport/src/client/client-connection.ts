import { type Clock, systemClock } from "../clock.js";
import { closeCode, mayRetry } from "../close-code.js";
import { RETRY_MS_MAX, retryHintMs } from "../close-reason.js";
import type { Frame } from "../frame.js";
import type { Socket, SocketListener } from "../socket.js";
import { type BackoffLimits, backoffMs } from "./backoff.js";
import { type ConnectionEvent, type ConnectionState, nextConnectionState } from "./connection-state.js";
import { Heartbeat, type SilenceLimits } from "./heartbeat.js";
import type { WakeSource } from "./wake.js";

/** How patient a client is. */
export interface ClientConnectionLimits extends BackoffLimits, SilenceLimits {
  /** Longest time that an attempt may take, in milliseconds. @default 10_000 */
  readonly connectTimeoutMs: number;
  /** Shortest time between the starts of two attempts, however often the page wakes up, in milliseconds. @default 1_000 */
  readonly attemptIntervalMs: number;
  /** How long a line must have held before the next wait is short again, in milliseconds. @default 10_000 */
  readonly stableAfterMs: number;
}

/** The limits that hold where nothing else is said. */
export const defaultClientLimits: ClientConnectionLimits = Object.freeze({
  backoffBaseMs: 500,
  backoffCeilingMs: 30_000,
  heartbeatIntervalMs: 15_000,
  answerTimeoutMs: 15_000,
  wakeTimeoutMs: 5_000,
  connectTimeoutMs: 10_000,
  attemptIntervalMs: 1_000,
  stableAfterMs: 10_000,
});

/** What a connection tells its owner. Called with the new state already in place. */
export interface ClientConnectionListener {
  /** A line stands: say who you are. */
  opened(): void;
  text(text: string): void;
  /** `bytes` may be a view of a larger buffer: copy what outlives the call. */
  binary(bytes: Uint8Array): void;
  /** The line is gone, or an attempt was vain; another follows by itself. `cause` is the opener's error, if it failed. */
  lost(code: number, reason: string, cause?: unknown): void;
  /** The server wants no other attempt; only `start` makes one. */
  refused(code: number, reason: string): void;
}

/** What makes a connection. */
export interface ClientConnectionOptions {
  /** Makes one attempt: resolves with an open socket that reports to `listener`, or rejects. */
  readonly open: (listener: SocketListener) => Promise<Socket>;
  readonly listener: ClientConnectionListener;
  /** What is sent to hear whether the server lives; anything that it answers. */
  readonly heartbeat: () => Frame;
  /** Gives a number in [0, 1), as `Math.random` does. */
  readonly random: () => number;
  readonly clock?: Clock;
  /** When to try at once instead of waiting on. @default never */
  readonly wakeUps?: WakeSource;
  readonly limits?: Partial<ClientConnectionLimits>;
}

/**
 * One line to a server, kept alive: opened again after random, growing waits whenever it is lost, and given up when the
 * server refuses for good. A lost line is noticed even where TCP does not notice it.
 */
export class ClientConnection {
  readonly #options: ClientConnectionOptions;
  readonly #limits: ClientConnectionLimits;
  readonly #clock: Clock;
  #state: ConnectionState = "idle";
  /** Counts up; whatever an earlier attempt still reports is nobody's business. */
  #attempt = 0;
  #vainAttempts = 0;
  /** Waking up does not bring an attempt before this, whether it is our bound or the server's wish. */
  #notBeforeMs = 0;
  #settledMs: number | undefined;
  #socket: Socket | undefined;
  #heartbeat: Heartbeat | undefined;
  #cancelTimer: () => void = () => {};
  #endWakeUps: () => void = () => {};

  /** Has no effect but to remember; `start` connects. */
  constructor(options: ClientConnectionOptions) {
    this.#options = options;
    this.#limits = { ...defaultClientLimits, ...options.limits };
    this.#clock = options.clock ?? systemClock;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Bytes accepted by `send` that the network has not taken yet. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedBytes ?? 0;
  }

  /** Connects, also after a refusal or a `stop`; at once when it is waiting to. */
  start(): void {
    if (this.#state === "idle") {
      this.#endWakeUps = this.#options.wakeUps?.(() => this.#wake()) ?? this.#endWakeUps;
    }
    if (this.#move("start")) this.#connect();
  }

  /** Ends the line and all attempts. Nothing is reported any more, not even this. */
  stop(code: number = closeCode.normal, reason = ""): void {
    this.#move("stop");
    this.#endWakeUps();
    this.#endWakeUps = () => {};
    this.#leave((socket) => socket.close(code, reason));
  }

  /** The server has accepted who we are. If the line now holds for a while, the next wait is short again. */
  settled(): void {
    this.#settledMs = this.#clock.now();
  }

  /** Gives up the present line, as a peer that makes no sense deserves, and connects again after a wait. */
  drop(code: number, reason: string): void {
    if (this.#state !== "open") return;
    this.#leave((socket) => socket.close(code, reason));
    this.#retryLater(code, reason);
  }

  /** Queues a frame; `false` when there is no line, and the frame is forgotten. */
  send(frame: Frame): boolean {
    if (this.#socket?.isOpen !== true) return false;
    this.#socket.send(frame);
    return true;
  }

  /** Takes the step; whether it led anywhere. */
  #move(event: ConnectionEvent): boolean {
    const before = this.#state;
    this.#state = nextConnectionState[before][event];
    return this.#state !== before;
  }

  #connect(): void {
    const attempt = ++this.#attempt;
    this.#settledMs = undefined;
    this.#notBeforeMs = this.#clock.now() + this.#limits.attemptIntervalMs;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(this.#limits.connectTimeoutMs, () =>
      this.#lost(attempt, 1006, "the server takes too long"),
    );
    this.#open(this.#listenerOf(attempt)).then(
      (socket) => this.#opened(attempt, socket),
      (cause: unknown) => this.#lost(attempt, 1006, "the server cannot be reached", cause),
    );
  }

  async #open(listener: SocketListener): Promise<Socket> {
    return this.#options.open(listener); // Async, so that an opener that throws is one that rejects.
  }

  #opened(attempt: number, socket: Socket): void {
    if (attempt !== this.#attempt || !this.#move("opened")) {
      socket.close(closeCode.goingAway, "too late");
      return;
    }
    this.#cancelTimer();
    this.#socket = socket;
    this.#heartbeat = new Heartbeat(this.#clock, this.#limits, {
      ask: () => void this.send(this.#options.heartbeat()),
      dead: () => this.#lost(attempt, 1006, "the server is silent"),
    });
    this.#options.listener.opened();
  }

  #listenerOf(attempt: number): SocketListener {
    const whenCurrent = (report: () => void) => {
      if (attempt !== this.#attempt) return;
      this.#heartbeat?.heard();
      report();
    };
    const { listener } = this.#options;
    return {
      text: (text) => whenCurrent(() => listener.text(text)),
      binary: (bytes) => whenCurrent(() => listener.binary(bytes)),
      heard: () => whenCurrent(() => {}),
      closed: (code, reason) => this.#closed(attempt, code, reason),
      failed: () => {}, // The socket closes by itself and says so.
    };
  }

  #closed(attempt: number, code: number, reason: string): void {
    if (attempt !== this.#attempt) return;
    // A token that was good until now has run out; the opener fetches another.
    const isWorthwhile =
      mayRetry(code) || (code === closeCode.unauthenticated && this.#settledMs !== undefined);
    if (isWorthwhile) this.#lost(attempt, code, reason);
    else if (this.#move("refuse")) {
      this.#leave(() => {});
      this.#options.listener.refused(code, reason);
    }
  }

  #lost(attempt: number, code: number, reason: string, cause?: unknown): void {
    if (attempt !== this.#attempt) return;
    this.#leave((socket) => socket.terminate());
    this.#retryLater(code, reason, cause);
  }

  /** Forgets the present line: what it still reports is not heard. */
  #leave(end: (socket: Socket) => void): void {
    this.#attempt++;
    this.#cancelTimer();
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) end(socket);
  }

  #retryLater(code: number, reason: string, cause?: unknown): void {
    if (!this.#move("lost")) return;
    if (this.#heldMs() >= this.#limits.stableAfterMs) this.#vainAttempts = 0;
    const told = toldMs(cause);
    const waitMs = told ?? backoffMs(this.#vainAttempts++, this.#options.random, this.#limits);
    const hintMs = told ?? retryHintMs(reason);
    this.#notBeforeMs = Math.max(this.#notBeforeMs, this.#clock.now() + hintMs);
    this.#retryAfter(Math.max(waitMs, hintMs));
    this.#options.listener.lost(code, reason, cause);
  }

  #heldMs(): number {
    return this.#settledMs === undefined ? 0 : this.#clock.now() - this.#settledMs;
  }

  #retryAfter(waitMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(waitMs, () => {
      if (this.#move("retry")) this.#connect();
    });
  }

  /** An open line is put to the proof; a wait is cut short, but not so that waking up often means connecting often. */
  #wake(): void {
    if (this.#state === "open") this.#heartbeat?.doubt();
    if (this.#state === "waiting") this.#retryAfter(Math.max(0, this.#notBeforeMs - this.#clock.now()));
  }
}

/** A server that lets in so many at a time has told everybody a time of their own: to come then is to be let in. */
function toldMs(cause: unknown): number | undefined {
  const told = (cause as { retryAfterMs?: unknown } | undefined)?.retryAfterMs;
  return typeof told === "number" && told <= RETRY_MS_MAX ? told : undefined;
}
