import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { generateSession } from "./generated-session.js";

/** A recorded session of several people, in the format of josephg/editing-traces. */
export interface Trace {
  readonly endContent: string;
  readonly numAgents: number;
  readonly txns: readonly Transaction[];
}

export interface Transaction {
  readonly agent: number;
  /** Transactions, by their index, that this one directly follows. */
  readonly parents: readonly number[];
  /** Position, characters deleted there, text inserted there. */
  readonly patches: readonly (readonly [number, number, string])[];
}

/** As many transactions as `friendsforever` has. */
const SESSION_TRANSACTIONS = 26_078;

/** The recorded session `name`, or a generated one of the same size where no traces are at hand. */
export function loadTrace(name: string, generate = generateSession): { source: string; trace: Trace } {
  const beside = fileURLToPath(new URL("../../../../../shared/traces", import.meta.url));
  const folder = process.env["MOTET_TRACES"] ?? beside;
  const file = `${folder}/${name}.json.gz`;
  if (!existsSync(file)) {
    return { source: "a generated session, seed 1", trace: generate(1, SESSION_TRANSACTIONS) };
  }
  return { source: name, trace: JSON.parse(gunzipSync(readFileSync(file)).toString()) as Trace };
}

/**
 * For each transaction, how many transactions of each agent are among its ancestors. As agents type one
 * thing after another, these counts say exactly what the agent had seen.
 */
export function knownBefore({ txns, numAgents }: Trace): readonly (readonly number[])[] {
  const before: number[][] = [];
  const after: number[][] = [];
  for (const { agent, parents } of txns) {
    const known = new Array<number>(numAgents).fill(0);
    for (const parent of parents) raise(known, after[parent]!);
    before.push(known);
    after.push(known.map((count, of) => (of === agent ? count + 1 : count)));
  }
  return before;
}

function raise(known: number[], to: readonly number[]): void {
  to.forEach((count, of) => {
    known[of] = Math.max(known[of]!, count);
  });
}
