import { parseArgs } from "node:util";
import type { ServerWishes } from "./server/plan.js";
import type { Wishes } from "./text/plan.js";

/** What the command line said. */
export interface Options extends Wishes, ServerWishes {
  readonly help: boolean;
  /** Which half; `undefined` for both. */
  readonly half: "text" | "server" | undefined;
  /** Where the report goes; `undefined` for the usual place. */
  readonly out: string | undefined;
  /** Where each measured process leaves a profile; `undefined` for none. */
  readonly profile: string | undefined;
}

export const USAGE = `Measures Motet beside its peers.

  pnpm bench                                     everything; writes apps/bench/RESULTS.md and its charts
  pnpm bench -- --quick                          a few rows and peers, once or twice; prints the report
  pnpm bench -- --half server --scenarios a,c    a part; prints the report

  --half HALF       text or server
  --rounds N        runs a figure
  --out FILE        write the report there
  --profile FOLDER  leave a .cpuprofile of each measured process there (times are longer then)

Of the text half:
  --only NAMES      libraries, separated by commas
  --rows NAMES      local, update, apply, batch, save, load, memory, bundle, concurrent, hostile
  --traces NAMES    automerge-paper, rustcode, sveltecomponent, seph-blog1, friendsforever
  --edits-max N     only the first N edits of each trace

Of the server half:
  --servers NAMES   "motet", "motet, composing", "motet, no store", hocuspocus, y-websocket-server, sharedb; separated by semicolons
  --scenarios NAMES a, b, c, d1, d50, e, f, g, p, s
`;

/**
 * Reads the arguments; a lone "--", which pnpm hands on, means nothing.
 * @throws {TypeError} on an unknown option. @throws {RangeError} on a number below 1, or a half that there is not.
 */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: argv.filter((argument) => argument !== "--"),
    options: {
      help: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      half: { type: "string" },
      only: { type: "string" },
      rows: { type: "string" },
      traces: { type: "string" },
      servers: { type: "string" },
      scenarios: { type: "string" },
      rounds: { type: "string" },
      "edits-max": { type: "string" },
      out: { type: "string" },
      profile: { type: "string" },
    },
  });
  return {
    help: values.help,
    quick: values.quick,
    half: halfOf(values.half),
    only: listOf(values.only),
    rows: listOf(values.rows),
    traces: listOf(values.traces),
    servers: listOf(values.servers, ";"),
    scenarios: listOf(values.scenarios),
    rounds: countOf("--rounds", values.rounds),
    editsMax: countOf("--edits-max", values["edits-max"]),
    out: values.out,
    profile: values.profile,
  };
}

function halfOf(value: string | undefined): Options["half"] {
  if (value === undefined || value === "text" || value === "server") return value;
  throw new RangeError('--half is "text" or "server"');
}

function listOf(value: string | undefined, separator = ","): string[] {
  return value === undefined ? [] : value.split(separator).map((name) => name.trim());
}

function countOf(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`${option} wants a whole number from 1 up`);
  return count;
}
