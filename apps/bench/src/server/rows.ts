/** What is measured of servers, as rows of the report. */
import type { Unit } from "../unit.js";

interface RowShape {
  readonly title: string;
  readonly unit: Unit;
}

const STEADY = {
  deliveryP50: { title: "until the others have it, p50", unit: "ms" },
  deliveryP99: { title: "until the others have it, p99", unit: "ms" },
  ackP50: { title: "until it is acknowledged, p50", unit: "ms" },
  ackP99: { title: "until it is acknowledged, p99", unit: "ms" },
  cpuUs: { title: "processor time of the server, for each", unit: "us" },
} as const;

const SATURATED = {
  editsPerSecond: { title: "edits a second (higher is better)", unit: "1/s" },
  cpuUs: { title: "processor time of the server, for each", unit: "us" },
} as const;

/** By scenario. */
export const SERVER_ROWS: Readonly<Record<string, Readonly<Record<string, RowShape>>>> = {
  a: STEADY,
  b: STEADY,
  c: STEADY,
  d1: SATURATED,
  d50: SATURATED,
  e: {
    kBEach: { title: "memory of a connection, between 1,000 and 3,000", unit: "kB" },
    kBFirst: { title: "the same, of the first 1,000", unit: "kB" },
    startMB: { title: "memory before anybody came", unit: "MB" },
  },
  f: {
    lastByteMs: { title: "document in memory: last byte", unit: "ms" },
    textMs: { title: "document in memory: text in the client", unit: "ms" },
    bytes: { title: "document in memory", unit: "bytes" },
    storedLastByteMs: { title: "only in the store: last byte", unit: "ms" },
    storedTextMs: { title: "only in the store: text in the client", unit: "ms" },
    storedBytes: { title: "only in the store", unit: "bytes" },
  },
  g: {
    acked: { title: "acknowledged before the kill", unit: "edits" },
    lost: { title: "of these not there after a restart", unit: "edits" },
  },
  p: { cpuUs: STEADY.cpuUs },
  s: {
    growthMB: { title: "growth of the server's memory", unit: "MB" },
    privateMB: { title: "the same without mapped files", unit: "MB" },
  },
};
