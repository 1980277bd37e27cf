import { randomBytes } from "node:crypto";

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The place of a request in a trace. */
export interface Trace {
  /** 32 hexadecimal digits, the same for all that follows from one cause. */
  readonly id: string;
  /** As it is handed on: the same trace, with this server's part of it for a parent. */
  readonly traceparent: string;
}

/**
 * The trace that a `traceparent` header names; a new one for what names none.
 * @see W3C Trace Context, section 3.2
 */
export function traceOf(header: string | undefined): Trace {
  const [, given = "", parent = "", flags = "00"] = TRACEPARENT.exec(header ?? "") ?? [];
  const isUsable = /[^0]/.test(given) && /[^0]/.test(parent);
  const id = isUsable ? given : randomBytes(16).toString("hex");
  const span = randomBytes(8).toString("hex");
  return { id, traceparent: `00-${id}-${span}-${isUsable ? flags : "00"}` };
}
