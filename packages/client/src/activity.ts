import type { Status } from "@motet/transport";

/** What is heard of the person at a page. */
export interface ActivityListener {
  /** They did something: a key, a pointer, a finger. */
  acted(): void;
  /** The page can be seen, or cannot any more. */
  shown(isShown: boolean): void;
}

/** Tells what a person does, from now on until the returned function is called. */
export type ActivitySource = (listener: ActivityListener) => () => void;

/** What a watch is made of. */
export interface ActivityWatchOptions {
  readonly source: ActivitySource;
  readonly clock: { now(): number; after(delayMs: number, run: () => void): () => void };
  readonly idleMs: number;
  readonly say: (status: Status) => void;
}

/** How often it is said again that somebody is active: a server that hears nothing takes them for idle. */
const AGAIN_MS = 60_000;

const INPUTS = ["pointermove", "pointerdown", "keydown", "wheel", "touchstart", "input", "focus"];

/**
 * Input that reaches `target`, and whether the page is visible; `undefined` where there is no page, as on Node.
 * @param target @default the window
 */
export function pageActivity(target?: EventTarget): ActivitySource | undefined {
  const page = globalThis.document as Document | undefined;
  if (page === undefined) return undefined;
  return ({ acted, shown }) => {
    const source = target ?? globalThis.window;
    const looked = () => shown(page.visibilityState !== "hidden");
    const options = { capture: true, passive: true };
    for (const type of INPUTS) source.addEventListener(type, acted, options);
    page.addEventListener("visibilitychange", looked);
    looked();
    return () => {
      for (const type of INPUTS) source.removeEventListener(type, acted, options);
      page.removeEventListener("visibilitychange", looked);
    };
  };
}

/**
 * Says how a person is from what they do: active, idle after a while without input, away while the page cannot be seen.
 * An input costs a comparison; one timer runs while they are active.
 */
export class ActivityWatch {
  readonly #options: ActivityWatchOptions;
  readonly #stop: () => void;
  #status: Status = "active";
  #actedMs: number;
  #saidMs: number;
  #cancel: () => void = () => {};

  constructor(options: ActivityWatchOptions) {
    this.#options = options;
    this.#actedMs = options.clock.now();
    this.#saidMs = this.#actedMs;
    this.#wait(options.idleMs);
    this.#stop = options.source({
      acted: () => this.#acted(),
      shown: (isShown) => this.#shown(isShown),
    });
  }

  /** Listens no more. */
  stop(): void {
    this.#stop();
    this.#cancel();
  }

  #acted(): void {
    const nowMs = this.#options.clock.now();
    this.#actedMs = nowMs;
    if (this.#status === "idle") this.#activate();
    else if (this.#status === "active" && nowMs - this.#saidMs >= AGAIN_MS) this.#say("active");
  }

  #shown(isShown: boolean): void {
    if (isShown === (this.#status !== "away")) return;
    this.#actedMs = this.#options.clock.now();
    if (isShown) this.#activate();
    else {
      this.#cancel();
      this.#say("away");
    }
  }

  #activate(): void {
    this.#say("active");
    this.#wait(this.#options.idleMs);
  }

  #wait(delayMs: number): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(delayMs, () => this.#look());
  }

  #look(): void {
    const leftMs = this.#actedMs + this.#options.idleMs - this.#options.clock.now();
    if (leftMs > 0) this.#wait(leftMs);
    else this.#say("idle");
  }

  #say(status: Status): void {
    this.#status = status;
    this.#saidMs = this.#options.clock.now();
    this.#options.say(status);
  }
}
