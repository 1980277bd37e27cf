import { setTimeout as delay } from "node:timers/promises";
import { closeCode, closeReason } from "@motet/transport";
import type { Parts } from "./parts.js";
import type { Sessions } from "./sessions.js";

/** When the first who was sent away is to come back, in milliseconds: by then there may be a server again. */
const BACK_MS = 1_500;

/** The same where there are other servers, which take them at once: by then a balancer that asks every second sends nobody here any more. */
const ELSEWHERE_MS = 1_000;

/** Connections that are closed at once, and the pause behind them in milliseconds. */
const SLICE = 100;
const SLICE_MS = 50;

/** However many there are, closing them takes two seconds at most. */
const SLICES_MAX = 40;

/**
 * Stops a server without losing anything that was accepted. Nobody new comes in (503 and `Retry-After`), nothing more is read, everything
 * accepted is made durable and acknowledged; only then is everybody sent away (1012), each with a time of their own to come back.
 */
export async function drain(parts: Parts): Promise<void> {
  const { ticker, entrance, sessions, documents, health, webhooks, cluster, adminEntrance, limits } = parts;
  health.drain();
  ticker.stop();
  entrance.turnAway();
  sessions.stopReceiving();
  await documents.close();
  await sendAway(sessions, cluster === undefined ? BACK_MS : ELSEWHERE_MS, limits.admissionsPerSecond);
  await entrance.shut();
  await cluster?.close();
  await webhooks.close();
  await adminEntrance?.shut();
}

/** As many come back in a second as a server lets in. */
async function sendAway(sessions: Sessions, firstBackMs: number, backPerSecond: number): Promise<void> {
  const ids = [...sessions.all()].map(({ id }) => id);
  const slice = Math.max(SLICE, Math.ceil(ids.length / SLICES_MAX));
  for (const [nth, id] of ids.entries()) {
    if (nth > 0 && nth % slice === 0) await delay(SLICE_MS);
    const backMs = firstBackMs + (nth * 1_000) / backPerSecond;
    sessions.disconnect(id, closeCode.restart, closeReason("the server stops", backMs));
  }
}
