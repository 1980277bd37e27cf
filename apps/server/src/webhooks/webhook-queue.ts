import type { ServerEvents } from "../server-events.js";
import { headersOf, keyOf, type Webhook, type WebhookEndpoint, type WebhookType } from "./webhook.js";

/** What waits for one endpoint at most. What comes beyond is lost, and `webhook_lost` says so. */
const WAITING_MAX = 1_000;

/** How often one is sent before it is given up: over some 15 minutes. */
const ATTEMPTS_MAX = 10;

/** The longest wait between two attempts doubles from the first to the second, in milliseconds. */
const FIRST_WAIT_MS = 1_000;
const WAIT_MS_MAX = 300_000;

/** How long an endpoint may take to answer, in milliseconds. */
const ANSWER_MS = 10_000;

/** What {@link WebhookQueue} works with. */
export interface WebhookQueueOptions {
  readonly endpoint: WebhookEndpoint;
  readonly events: ServerEvents;
  readonly wallMs: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** What waits for one endpoint, sent one after the other, each until it is taken or given up. */
export class WebhookQueue {
  readonly #options: WebhookQueueOptions;
  readonly #key: Buffer;
  readonly #waiting: Webhook[] = [];
  #attempts = 0;
  #dueMs = 0;
  #sending: Promise<void> | undefined;

  /** @throws {ServerError} `BAD_CONFIG` for what is no secret. */
  constructor(options: WebhookQueueOptions) {
    this.#options = options;
    this.#key = keyOf(options.endpoint.secret);
  }

  /** Whether the endpoint is told of such things. */
  wants(type: WebhookType): boolean {
    return this.#options.endpoint.types?.includes(type) ?? true;
  }

  /** Takes one in, if there is room. */
  add(webhook: Webhook): void {
    if (this.#waiting.length >= WAITING_MAX) this.#lose("full");
    else this.#waiting.push(webhook);
  }

  /** Sends what is due, as of `nowMs` of the monotonic clock. Resolves when nothing more can be sent now. */
  async tend(nowMs: number): Promise<void> {
    this.#sending ??= this.#send(nowMs).finally(() => {
      this.#sending = undefined;
    });
    await this.#sending;
  }

  /** Sends once more what there is, due or not. */
  async drain(): Promise<void> {
    await this.#sending;
    await this.tend(Number.POSITIVE_INFINITY);
  }

  async #send(nowMs: number): Promise<void> {
    while (this.#waiting.length > 0 && nowMs >= this.#dueMs) {
      if (!(await this.#isTaken(this.#waiting[0]!)) && this.#isWorthAnother(nowMs)) return;
      this.#waiting.shift();
      this.#attempts = 0;
      this.#dueMs = 0;
    }
  }

  #isWorthAnother(nowMs: number): boolean {
    if (++this.#attempts === ATTEMPTS_MAX) {
      this.#lose("failed");
      return false;
    }
    this.#dueMs = nowMs + this.#waitMs();
    return true;
  }

  async #isTaken(webhook: Webhook): Promise<boolean> {
    const { endpoint, wallMs } = this.#options;
    try {
      const response = await fetch(endpoint.url, {
        method: "POST",
        headers: headersOf(webhook, this.#key, wallMs()),
        body: webhook.body,
        redirect: "manual", // Whoever answers there was not named by the operator.
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  /** At least half of a ceiling that doubles, so that endpoints are not asked all at once. */
  #waitMs(): number {
    const ceilingMs = Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** this.#attempts);
    return (ceilingMs / 2) * (1 + this.#options.random());
  }

  #lose(reason: "full" | "failed"): void {
    const { endpoint, events } = this.#options;
    events.emit({ type: "webhook_lost", reason, url: new URL(endpoint.url).origin });
  }
}
