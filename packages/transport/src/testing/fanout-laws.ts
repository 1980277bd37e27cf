import { FANOUT_BYTES_MAX, type Fanout, type FanoutListener } from "../fanout.js";

/** How the laws get at fan-outs of the kind under test. */
export interface FanoutFixture {
  /** One more node on the bus, not started. The laws close what they open. */
  node(): Fanout;
}

/** One promise of `Fanout`. */
export interface FanoutLaw {
  /** A sentence: the name of its test. */
  readonly name: string;
  /** Resolves when the fan-out keeps it. @throws what is wrong. */
  check(fixture: FanoutFixture): Promise<void>;
}

/** What a node heard, and a way to wait for it. */
class Ear implements FanoutListener {
  readonly texts: string[] = [];
  #isUp = false;
  #wake: () => void = () => undefined;

  heard(channel: string, message: Uint8Array): void {
    this.texts.push(`${channel} ${new TextDecoder().decode(message.subarray(0, 32))}`);
    this.#wake();
  }

  lost(): void {
    this.#isUp = false;
  }

  restored(): void {
    this.#isUp = true;
    this.#wake();
  }

  async until(
    holds: (ear: { readonly texts: readonly string[]; readonly isUp: boolean }) => boolean,
  ): Promise<void> {
    while (!holds({ texts: this.texts, isUp: this.#isUp })) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

interface Node {
  readonly bus: Fanout;
  readonly ear: Ear;
}

/** Does `story` with so many nodes that are up, and closes them. */
async function withNodes(
  { node }: FanoutFixture,
  count: number,
  story: (...nodes: Node[]) => Promise<void>,
): Promise<void> {
  const nodes = Array.from({ length: count }, () => ({ bus: node(), ear: new Ear() }));
  try {
    for (const { bus, ear } of nodes) bus.start(ear);
    for (const { ear } of nodes) await ear.until(({ isUp }) => isUp);
    await story(...nodes);
  } finally {
    for (const { bus } of nodes) await bus.close();
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function mustBe(got: unknown, wanted: unknown): void {
  const [left, right] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (left !== right) throw new Error(`got ${left}, not ${right}`);
}

/** What every fan-out promises, one test each: `for (const law of fanoutLaws) it(law.name, () => law.check(fixture))`. */
export const fanoutLaws: readonly FanoutLaw[] = [
  {
    name: "tells every other node that has subscribed, in the order in which it was said, and not itself (G5)",
    check: (fixture) =>
      withNodes(fixture, 3, async (one, two, three) => {
        for (const { bus } of [one!, two!, three!]) await bus.subscribe("acme/novel");
        for (const word of ["a", "b", "c"]) one!.bus.publish("acme/novel", bytes(word));
        const heard = ["acme/novel a", "acme/novel b", "acme/novel c"];
        for (const { ear } of [two!, three!]) {
          await ear.until(({ texts }) => texts.length === 3);
          mustBe(ear.texts, heard);
        }
        two!.bus.publish("acme/novel", bytes("d"));
        await one!.ear.until(({ texts }) => texts.length > 0);
        mustBe(one!.ear.texts, ["acme/novel d"]);
      }),
  },
  {
    name: "keeps channels apart, also those whose names begin alike",
    check: (fixture) =>
      withNodes(fixture, 2, async (one, two) => {
        for (const channel of ["acme/novel", "acme/novel-2"]) await two!.bus.subscribe(channel);
        for (const channel of ["acme/nov", "acme/novel-2", "acme/*", "acme/novel"]) {
          one!.bus.publish(channel, bytes("x"));
        }
        await two!.ear.until(({ texts }) => texts.length === 2);
        mustBe([...two!.ear.texts].sort(), ["acme/novel x", "acme/novel-2 x"]);
      }),
  },
  {
    name: "has told nothing of a channel once it is unsubscribed, and tells it again after another subscription",
    check: (fixture) =>
      withNodes(fixture, 2, async (one, two) => {
        for (const channel of ["left", "kept"]) await two!.bus.subscribe(channel);
        two!.bus.unsubscribe("left");
        for (const channel of ["left", "kept"]) one!.bus.publish(channel, bytes("1"));
        await two!.ear.until(({ texts }) => texts.length > 0);
        await two!.bus.subscribe("left");
        one!.bus.publish("left", bytes("2"));
        await two!.ear.until(({ texts }) => texts.length === 2);
        mustBe(two!.ear.texts, ["kept 1", "left 2"]);
      }),
  },
  {
    name: "carries every byte value, the empty message and one of the greatest size, and leaves out a larger one",
    check: (fixture) =>
      withNodes(fixture, 2, async (one, two) => {
        const seen: Uint8Array[] = [];
        two!.ear.heard = (_, message) => {
          seen.push(message);
          two!.ear.restored();
        };
        await two!.bus.subscribe("c");
        const every = Uint8Array.from({ length: 256 }, (_, at) => at);
        const sizes = [0, FANOUT_BYTES_MAX + 1, FANOUT_BYTES_MAX].map((size) =>
          new Uint8Array(size).fill(200),
        );
        for (const message of [every, ...sizes]) one!.bus.publish("c", message);
        await two!.ear.until(() => seen.length === 3);
        mustBe([...seen[0]!], [...every]);
        mustBe(
          seen.map(({ length }) => length),
          [256, 0, FANOUT_BYTES_MAX],
        );
        mustBe(new Set(seen[2]).size, 1);
      }),
  },
  {
    name: "is up between start and close, takes calls after it without complaint, and closes twice",
    check: async ({ node }) => {
      const [bus, ear] = [node(), new Ear()];
      mustBe(bus.isUp, false);
      bus.start(ear);
      await ear.until(({ isUp }) => isUp);
      mustBe(bus.isUp, true);
      await bus.close();
      await bus.close();
      mustBe(bus.isUp, false);
      await bus.subscribe("c");
      bus.publish("c", bytes("x"));
      bus.unsubscribe("c");
    },
  },
];
