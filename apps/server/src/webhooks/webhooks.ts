import { type DocumentKey, splitDocumentKey, type UserId } from "@motet/document";
import type { Clock } from "../clock.js";
import type { ServerEvent, ServerEvents } from "../server-events.js";
import { type WebhookEndpoint, type WebhookType, webhook } from "./webhook.js";
import { WebhookQueue } from "./webhook-queue.js";

/** What {@link Webhooks} work with. */
export interface WebhooksOptions {
  readonly endpoints: readonly WebhookEndpoint[];
  /** Changes of one document within this time are told as one, in milliseconds. */
  readonly intervalMs: number;
  readonly events: ServerEvents;
  readonly clock: Clock;
  /** A number in [0, 1). @default Math.random */
  readonly random?: () => number;
}

/** What changed in one document since it was told last. */
interface Gathered {
  readonly sinceMs: number;
  readonly from: number;
  to: number;
  atMs: number;
  traceparent: string | undefined;
  readonly users: Set<UserId>;
}

/** How long the last attempts may take when the server stops, in milliseconds. */
const CLOSING_MS = 2_000;

/** Tells addresses that the operator named what happens to documents, from the same events that everybody hears. */
export class Webhooks {
  readonly #options: WebhooksOptions;
  readonly #queues: readonly WebhookQueue[];
  readonly #changed = new Map<DocumentKey, Gathered>();

  /** @throws {ServerError} `BAD_CONFIG` for an endpoint with what is no secret. */
  constructor(options: WebhooksOptions) {
    const { events, clock, random = Math.random } = options;
    this.#options = options;
    this.#queues = options.endpoints.map(
      (endpoint) => new WebhookQueue({ endpoint, events, random, wallMs: () => clock.wallMs() }),
    );
    if (this.#queues.length > 0) events.subscribe((event) => this.#hear(event));
  }

  /** Tells of changes that have gathered for long enough, and sends what is due; resolves when that was. Call it about once a second. */
  async tend(nowMs: number): Promise<void> {
    this.#flush(nowMs - this.#options.intervalMs);
    await Promise.all(this.#queues.map((queue) => queue.tend(nowMs)));
  }

  /** Sends what there is once more, for a short while. What is not taken then is lost with the process. */
  async close(): Promise<void> {
    this.#flush(Number.POSITIVE_INFINITY);
    const sent = this.#queues.map((queue) => queue.drain());
    const late = new Promise((resolve) => setTimeout(resolve, CLOSING_MS).unref());
    if (sent.length > 0) await Promise.race([Promise.all(sent), late]);
  }

  #hear(event: ServerEvent): void {
    if ("isForeign" in event) return; // Whoever made it tells of it.
    switch (event.type) {
      case "created":
        this.#tell(
          "document.created",
          event.document,
          { user_id: event.user },
          event.atMs,
          event.traceparent,
        );
        break;
      case "changed":
        this.#gather(event);
        break;
      case "deleted":
        this.#changed.delete(event.document);
        this.#tell("document.deleted", event.document, {});
        break;
      case "joined":
        if (event.isFirst) this.#tell("user.joined", event.document, userData(event));
        break;
      case "left":
        if (event.isLast) this.#tell("user.left", event.document, userData(event));
        break;
      default:
    }
  }

  #gather({ document, user, from, to, atMs, traceparent }: Extract<ServerEvent, { type: "changed" }>): void {
    const sinceMs = this.#options.clock.monotonicMs();
    const gathered = this.#changed.get(document) ?? {
      sinceMs,
      from,
      to,
      atMs,
      traceparent,
      users: new Set(),
    };
    gathered.to = to;
    gathered.atMs = atMs;
    gathered.traceparent = traceparent ?? gathered.traceparent;
    gathered.users.add(user);
    this.#changed.set(document, gathered);
  }

  #flush(untilMs: number): void {
    for (const [document, gathered] of this.#changed) {
      if (gathered.sinceMs > untilMs) break; // In the order in which they began.
      const { from, to, users, atMs, traceparent } = gathered;
      this.#changed.delete(document);
      this.#tell("document.changed", document, { from, to, user_ids: [...users] }, atMs, traceparent);
    }
  }

  #tell(
    type: WebhookType,
    key: DocumentKey,
    facts: object,
    atMs = this.#options.clock.wallMs(),
    traceparent?: string,
  ): void {
    const { tenant, document } = splitDocumentKey(key);
    const one = webhook(type, { tenant, doc_id: document, ...facts }, atMs, traceparent);
    for (const queue of this.#queues) if (queue.wants(type)) queue.add(one);
  }
}

function userData({ user, name }: { readonly user: UserId; readonly name: string }) {
  return { user_id: user, name };
}
