/** What a run of the server half consists of. */
import { PEERS, type Peer } from "./peers.js";
import { type Lengths, SCENARIOS, type Scenario } from "./scenarios.js";

/** What the command line asks for. */
export interface ServerWishes {
  /** A few scenarios and peers, once, for a glance. */
  readonly quick: boolean;
  /** Names of servers; empty for all. */
  readonly servers: readonly string[];
  /** Ids of scenarios; empty for all. */
  readonly scenarios: readonly string[];
  readonly rounds: number | undefined;
}

/** A run, settled. */
export interface ServerPlan {
  readonly peers: readonly Peer[];
  readonly scenarios: readonly Scenario[];
  readonly rounds: number;
  readonly lengths: Lengths;
  /** How many runs may be done again because the disk stalled: one that stalls all the time must not make it endless. */
  readonly repeatsMax: number;
}

const QUICK = { servers: ["motet", "hocuspocus"], scenarios: ["a", "d1", "g"] };

/**
 * Settles what to run.
 * @throws {RangeError} if a server or scenario has no such name.
 */
export function serverPlanOf({ quick, servers, scenarios, rounds }: ServerWishes): ServerPlan {
  const [who, what] = [
    servers.length > 0 ? servers : undefined,
    scenarios.length > 0 ? scenarios : undefined,
  ];
  return {
    peers: named("server", PEERS, ({ name }) => name, who ?? (quick ? QUICK.servers : undefined)),
    scenarios: named("scenario", SCENARIOS, ({ id }) => id, what ?? (quick ? QUICK.scenarios : undefined)),
    rounds: rounds ?? (quick ? 1 : 3),
    lengths: quick ? { warmUp: 1, seconds: 3 } : { warmUp: 2, seconds: 4 },
    repeatsMax: quick ? 3 : 12,
  };
}

/** Who plays what in a round, scenario by scenario, the servers in turn. */
export function runsOf({ peers, scenarios }: ServerPlan, round: number): readonly [Scenario, Peer][] {
  return scenarios
    .filter(({ roundsMax = round }) => round <= roundsMax)
    .flatMap((scenario) =>
      peers
        .filter(({ name }) => scenario.only?.includes(name) ?? true)
        .map((peer): [Scenario, Peer] => [scenario, peer]),
    );
}

/** How long the whole takes on a machine with nothing else to do and a disk that does not stall, in seconds. */
export function plannedSeconds(plan: ServerPlan): number {
  const rounds = Array.from({ length: plan.rounds }, (_, round) => runsOf(plan, round + 1));
  return rounds.flat().reduce((sum, [scenario]) => sum + scenario.takes(plan.lengths), 0);
}

function named<T>(
  kind: string,
  all: readonly T[],
  nameOf: (one: T) => string,
  names: readonly string[] | undefined,
): readonly T[] {
  if (names === undefined) return all;
  const known = all.map(nameOf);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`no ${kind} "${unknown}"; there are ${known.join(", ")}`);
  return all.filter((one) => names.includes(nameOf(one)));
}
