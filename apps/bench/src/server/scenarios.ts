/** What is done to each server. */
import type { Load } from "./job.js";

/** How long things take: whole, or a glance. */
export interface Lengths {
  readonly warmUp: number;
  readonly seconds: number;
}

/** What a scenario may do. Each run begins with an empty server. */
export interface Stage {
  /** Sends the generator, and takes what it found into the rows. */
  load(load: Load): Promise<{ readonly acked?: readonly number[] }>;
  /** Starts the server again on the same folder, whether it ended by itself or not. */
  restart(): Promise<void>;
  /** Whether the server keeps documents on a disk. */
  readonly isStored: boolean;
  readonly lengths: Lengths;
  readonly traces: string | undefined;
}

/** A scenario. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** The only servers of which it makes sense. */
  readonly only?: readonly string[];
  /** Runs a figure at most: what hardly differs from run to run is not played more often. */
  readonly roundsMax?: number;
  /** How long a run takes on a machine with nothing else to do, its start and end included, in seconds. */
  readonly takes: (lengths: Lengths) => number;
  play(stage: Stage): Promise<void>;
}

const PAPER = "paper";
const EACH = ["motet", "hocuspocus", "y-websocket-server", "sharedb"];
const EACH_AND_UNSTORED = [...EACH, "motet, no store"];

/** What a run of a crowd, or of pairs, takes beside the time that it is given. */
const AROUND_S = 2;
const asGiven = ({ warmUp, seconds }: Lengths): number => warmUp + seconds + AROUND_S;

/** A crowd at a steady rate: what everybody does five times a second, unless it says otherwise. */
function crowd(shape: {
  readonly documents: number;
  readonly perDocument: number;
  readonly writersPerDocument?: number;
  readonly editsPerSecond?: number;
  readonly does?: "edit" | "move";
}): Scenario["play"] {
  return async ({ load, lengths }) => {
    const usual = { writersPerDocument: shape.perDocument, editsPerSecond: 5, does: "edit" } as const;
    await load({ kind: "steady", ...usual, ...shape, ...lengths });
  };
}

/** Pairs with 64 edits in flight from each. */
function pairs(documents: number): Scenario["play"] {
  return async ({ load, lengths }) => {
    await load({ kind: "saturate", documents, inFlight: 64, ...lengths });
  };
}

export const SCENARIOS: readonly Scenario[] = [
  {
    id: "a",
    only: EACH_AND_UNSTORED,
    title: "1 document, 50 people, each 5 edits a second",
    takes: asGiven,
    play: crowd({ documents: 1, perDocument: 50 }),
  },
  {
    id: "b",
    only: EACH_AND_UNSTORED,
    title: "200 documents, 2 people in each, each 5 edits a second",
    takes: asGiven,
    play: crowd({ documents: 200, perDocument: 2 }),
  },
  {
    id: "c",
    only: EACH_AND_UNSTORED,
    title: "1 document, 1 writer with 10 edits a second, 500 readers",
    takes: asGiven,
    play: crowd({ documents: 1, perDocument: 501, writersPerDocument: 1, editsPerSecond: 10 }),
  },
  { id: "d1", title: "1 document, 2 people, 64 edits in flight from each", takes: asGiven, play: pairs(1) },
  {
    id: "d50",
    title: "50 documents, 2 people in each, 64 edits in flight from each",
    takes: asGiven,
    play: pairs(50),
  },
  {
    id: "e",
    only: EACH,
    title: "idle connections, spread over 200 documents",
    roundsMax: 2,
    takes: () => 10,
    play: async ({ load }) => {
      await load({ kind: "idle", documents: 200, few: 1_000, many: 3_000 });
    },
  },
  {
    id: "f",
    only: EACH,
    title: "joining the automerge-paper document (260,000 edits)",
    roundsMax: 2,
    takes: () => 16,
    play: async ({ load, traces, isStored }) => {
      await load({ kind: "upload", document: PAPER, traces });
      await load({ kind: "join", document: PAPER, times: 9, isHeld: true });
      if (isStored) await load({ kind: "join", document: PAPER, times: 9, isHeld: false });
    },
  },
  {
    id: "g",
    only: ["motet", "hocuspocus"],
    title: "kill -9 while 5 people type",
    roundsMax: 2,
    takes: (lengths) => asGiven(lengths) + 2,
    play: async ({ load, restart, lengths }) => {
      const seconds = lengths.warmUp + lengths.seconds;
      const { acked = [] } = await load({ kind: "kill", writers: 5, editsPerSecond: 10, seconds });
      await restart();
      await load({ kind: "missing", acked });
    },
  },
  {
    id: "p",
    only: ["motet", "hocuspocus", "y-websocket-server"],
    title: "1 document, 50 people, each 5 moves of the cursor a second",
    takes: asGiven,
    play: crowd({ documents: 1, perDocument: 50, does: "move" }),
  },
  {
    id: "s",
    only: EACH,
    title: "20 readers stop reading while 1 person writes 8.2 MB",
    roundsMax: 2,
    takes: () => 8,
    play: async ({ load }) => {
      await load({ kind: "stall", readers: 20, megabytes: 8.2 });
    },
  },
];
