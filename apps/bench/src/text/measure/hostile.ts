/** Shapes that strangers could send to make a text slow: the time until a fresh replica has taken them in, one by one, or has saved them. */
import { random } from "@motet/testing";
import type { Engine, Replica } from "../library.js";
import { wideText } from "../replica-ids.js";
import type { Measurements } from "../rows.js";
import { sample } from "./sample.js";
import { checkNotEmpty, receiveEach, verifying } from "./sequential.js";

const GAP_REPLICAS = 10_000;
const CHAIN_LENGTH = 100_000;
const STAIR_REPLICAS = 5_000;
const LISTENER = 1;
const FIRST_WRITER = 2;

/** A history to take in, and what it must come to. */
interface History {
  readonly updates: readonly Uint8Array[];
  readonly text: string;
}

/** Takes in each hostile history with a fresh replica, and saves a hostile text, as often as `sampleMs` allows. */
export async function measureHostile(engine: Engine, sampleMs: number): Promise<Measurements> {
  const save = await staircase();
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
    staircase: sample({ run: save, verify: checkNotEmpty }, sampleMs).medianMs,
  };
}

/** A text of many replicas, each of which typed behind the one with the next higher id: in what order are they saved? */
async function staircase(): Promise<() => Uint8Array> {
  const { encodeState, replicaId, TextCRDT } = await import("@motet/crdt-core");
  const names = Array.from({ length: STAIR_REPLICAS }, (_, index) => replicaId(wideText(index)));
  const text = new TextCRDT(names[0]!);
  for (const name of names.sort().reverse()) {
    text.writeAs(name);
    text.insert(text.length, "x");
  }
  return () => encodeState(text);
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
