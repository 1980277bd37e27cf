/** What the load generator is asked, and what it answers. Both travel as JSON. */
import type { DialectName } from "./dialects/dialects.js";

/** One load on a server that runs. */
export interface Job {
  readonly dialect: DialectName;
  readonly address: string;
  /** The server's process, to read what it uses. */
  readonly pid: number;
  readonly load: Load;
}

/** A load. Times are in seconds. */
export type Load =
  /** People who edit, or move their cursors, at a steady rate. */
  | {
      readonly kind: "steady";
      readonly documents: number;
      readonly perDocument: number;
      readonly writersPerDocument: number;
      /** Of each writer. */
      readonly editsPerSecond: number;
      readonly does: "edit" | "move";
      readonly warmUp: number;
      readonly seconds: number;
    }
  /** Pairs who edit as fast as the server goes, each with so many edits that the other has not seen. */
  | {
      readonly kind: "saturate";
      readonly documents: number;
      readonly inFlight: number;
      readonly warmUp: number;
      readonly seconds: number;
    }
  /** Connections that do nothing: two crowds, the second beside the first. */
  | { readonly kind: "idle"; readonly documents: number; readonly few: number; readonly many: number }
  /** Puts a document in. */
  | { readonly kind: "upload"; readonly document: string; readonly traces: string | undefined }
  /** Joins it, so many times one after the other, while somebody else has it open or while nobody has. */
  | { readonly kind: "join"; readonly document: string; readonly times: number; readonly isHeld: boolean }
  /** Types at a steady rate, and kills the server after `seconds`. */
  | {
      readonly kind: "kill";
      readonly writers: number;
      readonly editsPerSecond: number;
      readonly seconds: number;
    }
  /** Counts which of the acknowledged edits are missing; by writer, how many were acknowledged. */
  | { readonly kind: "missing"; readonly acked: readonly number[] }
  /** Readers that stop reading while one person writes. */
  | { readonly kind: "stall"; readonly readers: number; readonly megabytes: number };

/** What a load came to; which figures there are depends on its kind. */
export type Findings = Readonly<Record<string, number>>;

/** The generator's whole answer. */
export interface Answer {
  readonly findings: Findings;
  /** By writer: how many edits were acknowledged before the kill. */
  readonly acked?: readonly number[];
}
