import type { ServerEvent } from "./server-events.js";

/** As much of a logger as is used here; pino's is one. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Lines of one kind that are written in one period; how many more there were is written when the next begins. */
const LINES_MAX = 10;
const PERIOD_MS = 10_000;

interface Period {
  readonly sinceMs: number;
  readonly level: "warn" | "error";
  lines: number;
}

/**
 * Writes down what an operator wants to know. Above `debug` no line names a user, an address or anything that somebody wrote, and no
 * line at all holds text or a token: of defects, neither the message nor what caused it, which may quote either.
 */
export class EventLog {
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  readonly #periods = new Map<string, Period>();

  constructor(logger: Logger, nowMs: () => number) {
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  /** For `ServerEvents.subscribe`. */
  readonly hear = (event: ServerEvent): void => {
    switch (event.type) {
      case "saved":
      case "changed":
        return;
      case "refused":
        this.#bounded("warn", `refused ${event.code}`, { over: event.over, code: event.code });
        return;
      case "stored":
        if (event.code !== undefined) {
          this.#bounded("error", "the store failed", { call: event.call, code: event.code });
        }
        return;
      case "answered":
        this.#answered(event);
        return;
      case "defect":
        this.#bounded("error", "defect", defectFacts(event.error));
        return;
      case "clock_jumped":
        this.#logger.warn({ byMs: event.byMs }, "the wall clock jumped");
        return;
      case "bus_lost":
        this.#logger.warn({}, "the other nodes are not heard");
        return;
      case "bus_restored":
        this.#logger.info({}, "the other nodes are heard");
        return;
      case "bus_forged":
        this.#bounded("warn", "somebody who is none of the nodes speaks on the bus", {});
        return;
      case "clocks_apart":
        this.#bounded("error", "the clocks of two nodes are apart", {
          node: event.node,
          aheadMs: event.aheadMs,
        });
        return;
      case "damaged":
        this.#logger.error({ document: event.document, reason: event.reason }, "a document is damaged");
        return;
      case "webhook_lost":
        this.#bounded("warn", "a webhook was lost", { reason: event.reason, url: event.url });
        return;
      default: {
        const { type, ...facts } = event;
        this.#logger.debug(facts, type);
      }
    }
  };

  /** Tells of what was not written down. Call it about once a second. */
  tend(): void {
    for (const [message, period] of this.#periods) {
      if (this.#nowMs() - period.sinceMs < PERIOD_MS) continue;
      this.#periods.delete(message);
      const more = period.lines - LINES_MAX;
      if (more > 0) this.#logger[period.level]({ more }, message);
    }
  }

  #answered(event: Extract<ServerEvent, { type: "answered" }>): void {
    const { type: _type, ...facts } = event;
    if (event.status >= 500) this.#bounded("warn", "a request failed", facts);
    else this.#logger.debug(facts, "answered");
  }

  #bounded(level: "warn" | "error", message: string, facts: object): void {
    const period = this.#periods.get(message) ?? { sinceMs: this.#nowMs(), level, lines: 0 };
    this.#periods.set(message, period);
    if (++period.lines <= LINES_MAX) this.#logger[level](facts, message);
  }
}

/** What kind of error it is, and where it came from. */
function defectFacts(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error };
  const code: unknown = Reflect.get(error, "code");
  const at = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
  return { error: error.name, ...(typeof code === "string" && { code }), at };
}
