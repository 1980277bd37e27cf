import { pino } from "pino";
import type { Config } from "./config.js";
import type { Logger } from "./event-log.js";

/** A log of JSON lines on standard error, written at once: what is said last before a process ends is worth most. */
export function loggerOf({ logLevel: level }: Pick<Config, "logLevel">): Logger {
  const timestamp = pino.stdTimeFunctions.isoTime;
  return pino({ level, timestamp, base: null }, pino.destination({ fd: 2, sync: true }));
}
