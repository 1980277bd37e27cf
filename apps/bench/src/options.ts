import { parseArgs } from "node:util";
import type { Wishes } from "./text/plan.js";

/** What the command line said. */
export interface Options extends Wishes {
  readonly help: boolean;
  /** Where the report goes; `undefined` for the usual place. */
  readonly out: string | undefined;
  /** Where each measuring process leaves a profile; `undefined` for none. */
  readonly profile: string | undefined;
}

export const USAGE = `Measures Motet beside its peers.

  pnpm bench                                     everything; writes apps/bench/RESULTS.md
  pnpm bench -- --quick                          two short traces, two processes a figure; prints the report
  pnpm bench -- --only motet,json-joy --rows local   some libraries, some rows; prints the report

  --only NAMES      libraries, separated by commas
  --rows NAMES      local, update, apply, batch, save, load, memory, bundle, concurrent, hostile
  --traces NAMES    automerge-paper, rustcode, sveltecomponent, seph-blog1, friendsforever
  --rounds N        processes a figure
  --edits-max N     only the first N edits of each trace
  --out FILE        write the report there
  --profile FOLDER  leave a .cpuprofile of each process there (times are longer then)
`;

/**
 * Reads the arguments; a lone "--", which pnpm hands on, means nothing.
 * @throws {TypeError} on an unknown option. @throws {RangeError} on a number below 1.
 */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: argv.filter((argument) => argument !== "--"),
    options: {
      help: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      rows: { type: "string" },
      traces: { type: "string" },
      rounds: { type: "string" },
      "edits-max": { type: "string" },
      out: { type: "string" },
      profile: { type: "string" },
    },
  });
  return {
    help: values.help,
    quick: values.quick,
    only: listOf(values.only),
    rows: listOf(values.rows),
    traces: listOf(values.traces),
    rounds: countOf("--rounds", values.rounds),
    editsMax: countOf("--edits-max", values["edits-max"]),
    out: values.out,
    profile: values.profile,
  };
}

function listOf(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(",").map((name) => name.trim());
}

function countOf(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`${option} wants a whole number from 1 up`);
  return count;
}
