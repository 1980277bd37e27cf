/** Shapes that a stranger could send to make a text slow: the time until a fresh replica has taken them in, one by one. */
import { random } from "../../random.js";
import type { Engine, Replica } from "../library.js";
import type { Measurements } from "../rows.js";
import { sample } from "./sample.js";
import { receiveEach, verifying } from "./sequential.js";

const GAP_REPLICAS = 10_000;
const CHAIN_LENGTH = 100_000;
const LISTENER = 1;
const FIRST_WRITER = 2;

/** A history to take in, and what it must come to. */
interface History {
  readonly updates: readonly Uint8Array[];
  readonly text: string;
}

/** Takes in each hostile history with a fresh replica, as often as `sampleMs` allows. */
export function measureHostile(engine: Engine, sampleMs: number): Measurements {
  const takeIn = ({ updates, text }: History): number =>
    sample(
      {
        run() {
          const replica = engine.create(LISTENER, false);
          receiveEach(replica, updates);
          return replica;
        },
        verify: verifying(text),
      },
      sampleMs,
    ).medianMs;
  return {
    gap: takeIn(insertsInOneGap(engine)),
    rightChain: takeIn(chain(engine, (index) => index)),
    leftChain: takeIn(chain(engine, () => 0)),
  };
}

/** Replicas that know only "()" each put a letter between the two; the letters arrive in a seeded order. */
function insertsInOneGap(engine: Engine): History {
  const start = engine.create(FIRST_WRITER, true);
  start.edit(0, 0, "()");
  const first = start.takeUpdate();
  const letters = Array.from({ length: GAP_REPLICAS }, (_, index) => {
    const replica = engine.create(FIRST_WRITER + 1 + index, true);
    replica.receive(first);
    replica.edit(1, 0, "x");
    const update = replica.takeUpdate();
    replica.dispose?.();
    return update;
  });
  return { updates: [first, ...shuffled(letters)], text: `(${"x".repeat(GAP_REPLICAS)})` };
}

/** Two writers who hear of each other at once and type in turn, at `position(index)`: no two letters join into a run. */
function chain(engine: Engine, position: (index: number) => number): History {
  const writers: readonly [Replica, Replica] = [
    engine.create(FIRST_WRITER, true),
    engine.create(FIRST_WRITER + 1, true),
  ];
  const updates: Uint8Array[] = [];
  for (let index = 0; index < CHAIN_LENGTH; index++) {
    const writer = writers[index % 2]!;
    writer.edit(position(index), 0, "x");
    const update = writer.takeUpdate();
    writers[(index + 1) % 2]!.receive(update);
    updates.push(update);
  }
  for (const writer of writers) writer.dispose?.();
  return { updates, text: "x".repeat(CHAIN_LENGTH) };
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const rng = random(1);
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = rng.int(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
