import type { Random } from "@motet/testing";
import { SOUND } from "./bus.js";
import { HEALTHY } from "./database.js";
import { ReplicaPerson } from "./replica-person.js";
import type { World } from "./world.js";

/** Something that goes wrong for a while. */
export interface Fault {
  readonly name: string;
  readonly atMs: number;
  readonly untilMs: number;
  begin(): void;
  end(): void;
}

type Kind = (
  world: World,
  rng: Random,
) => { readonly what: string; readonly begin: () => void; readonly end?: () => void };

const HOUR_MS = 3_600_000;

/** Everything that can go wrong. Who is hit, and how hard, is drawn when the plan is made. */
const KINDS: Readonly<Record<string, Kind>> = {
  cut: (world, rng) => {
    const { machine } = rng.pick(world.people);
    return { what: machine.name, begin: () => world.network.cut(machine) };
  },
  silence: (world, rng) => {
    const { machine } = rng.pick(world.people);
    const which = rng.pick(["in", "out", "both"] as const);
    return {
      what: `${machine.name} ${which}`,
      begin: () => world.network.silence(machine, which),
      end: () => world.people.some((one) => one.machine === machine) && world.network.speak(machine),
    };
  },
  "slow reader": (world, rng) => {
    const { machine } = rng.pick(world.people);
    return {
      what: machine.name,
      begin: () => world.network.read(machine, "pause"),
      end: () => world.network.read(machine, "resume"),
    };
  },
  "laptop sleeps": (world, rng) => {
    const { machine } = rng.pick(world.people);
    return { what: machine.name, begin: () => machine.pause(), end: () => machine.wake() };
  },
  "client's clock": (world, rng) => {
    const { machine } = rng.pick(world.people);
    const aheadMs = rng.pick([-HOUR_MS, -2_000, 2_000, HOUR_MS]);
    return { what: `${machine.name} ${aheadMs}`, begin: () => machine.setClock(aheadMs) };
  },
  "page reloads": (world, rng) => {
    const person = rng.pick(world.people);
    const crashes = rng.int(2) === 0;
    return {
      what: `${person.name} ${crashes ? "crashing" : "properly"}`,
      begin: () => (crashes ? person.crash() : void person.leave()),
      end: () => {
        if (world.people.includes(person)) person.start();
      },
    };
  },
  "goes home": (world, rng) => {
    const person = rng.pick(world.people);
    const how = rng.pick(["properly", "crashing", "without a word"]);
    return {
      what: `${person.name} ${how}`,
      begin: () => {
        if (world.people.length < 2) return;
        world.sayGoodbye(person);
        if (how === "without a word") world.network.silence(person.machine, "both");
        if (how === "properly") void person.leave();
        else person.crash();
      },
    };
  },
  "works offline": (world, rng) => {
    const person = rng.pick(world.people);
    const set = (isOnline: boolean) => {
      if (person instanceof ReplicaPerson && person.isHere) person.setOnline(isOnline);
    };
    return { what: person.name, begin: () => set(false), end: () => set(true) };
  },
  "kill -9": (world, rng) => {
    const node = rng.pick(world.nodes);
    return { what: node.machine.name, begin: () => node.crash(), end: () => node.start() };
  },
  "power cut": (world, rng) => {
    const node = rng.pick(world.nodes);
    const { machine } = node;
    return {
      what: machine.name,
      begin: () => {
        world.network.silence(machine, "both");
        node.crash();
      },
      end: () => {
        world.network.speak(machine);
        node.start();
      },
    };
  },
  stop: (world, rng) => {
    const node = rng.pick(world.nodes);
    return { what: node.machine.name, begin: () => node.stop(), end: () => node.start() };
  },
  blackout: (world) => {
    const each = (does: "crash" | "start") => () => {
      for (const node of world.nodes) node[does]();
    };
    return { what: "all servers", begin: each("crash"), end: each("start") };
  },
  "rolling restart": (world, rng) => {
    const everyMs = 500 + rng.int(2_000);
    const begin = () => {
      for (const [nth, node] of world.nodes.entries()) {
        world.timeline.plan(nth * everyMs, () => world.isWell || node.stop());
        world.timeline.plan(nth * everyMs + everyMs, () => node.start());
      }
    };
    return { what: `every ${everyMs} ms`, begin };
  },
  pause: (world, rng) => {
    const { machine } = rng.pick(world.nodes);
    return { what: machine.name, begin: () => machine.pause(), end: () => machine.wake() };
  },
  "server's clock": (world, rng) => {
    const { machine } = rng.pick(world.nodes);
    const aheadMs = rng.pick([-HOUR_MS, -2_000, 300, 2_000, HOUR_MS]);
    return {
      what: `${machine.name} ${aheadMs}`,
      begin: () => world.setClock(machine, aheadMs),
      end: () => world.setClock(machine, 0),
    };
  },
  database: (world, rng) => {
    const health = rng.pick([
      { ...HEALTHY, delayMs: 800 },
      { ...HEALTHY, failing: 0.5 },
      { ...HEALTHY, forgetful: 0.5 },
      { ...HEALTHY, failing: 1 },
      { ...HEALTHY, hangs: true },
    ]);
    const { database } = world;
    return {
      what: JSON.stringify(health),
      begin: () => {
        database.health = health;
      },
      end: () => database.heal(),
    };
  },
  bus: (world, rng) => {
    const health = rng.pick([
      { ...SOUND, delayMs: 400 },
      { ...SOUND, lossy: 0.5 },
      { ...SOUND, lossy: 1 },
      { ...SOUND, doubling: 0.7, delayMs: 100 },
    ]);
    const { bus } = world;
    const set = (to: typeof health) => () => {
      bus.health = to;
      world.isBusSound = false;
    };
    return { what: JSON.stringify(health), begin: set(health), end: set(SOUND) };
  },
  "bus is cut": (world, rng) => {
    const machines =
      rng.int(2) === 0 ? world.nodes.map(({ machine }) => machine) : [rng.pick(world.nodes).machine];
    const noticedMs = rng.pick([10, 1_500, 6_000]);
    return {
      what: `${machines.map(({ name }) => name).join(" ")}, noticed after ${noticedMs}`,
      begin: () => {
        for (const machine of machines) world.cutBus(machine, noticedMs);
      },
      end: () => {
        for (const machine of machines) world.bus.mend(machine);
      },
    };
  },
};

/** The database is set back to what it was when this began, while all servers are down; at times to whom came last alone. */
export function drawSetBack(rng: Random, world: World, untilMs: number): Fault {
  const { database, nodes, pages, timeline } = world;
  const backup = database.backup.bind(
    database,
    pages.map(({ key }) => key),
  );
  const atMs = rng.int(3) === 0 ? 0 : rng.int(untilMs / 2);
  const downMs = Math.floor(untilMs / 2) + 600 + rng.int(untilMs / 2 - 1_000);
  const goHome = rng.int(2) === 0;
  return {
    name: "the database is set back",
    atMs,
    untilMs: downMs,
    begin: () => {
      const copy = backup();
      timeline.plan(downMs - atMs - 1, () => {
        for (const node of nodes) node.crash();
        for (const person of goHome ? world.people.slice(1) : []) {
          world.sayGoodbye(person);
          person.crash();
        }
        void copy.then((kept) => world.setBack(kept));
      });
    },
    end: () => {
      for (const node of nodes) node.start();
    },
  };
}

/** What goes wrong in `world`, and when, all of it over by `untilMs`. */
export function drawFaults(rng: Random, world: World, untilMs: number): readonly Fault[] {
  const names = Object.keys(KINDS);
  const count = 2 + rng.int(7);
  return Array.from({ length: count }, () => {
    const name = rng.pick(names);
    const atMs = 300 + rng.int(untilMs - 600);
    const { what, begin, end = () => {} } = KINDS[name]!(world, rng);
    const lastsMs = 50 + Math.floor(rng.next() ** 2 * (untilMs - atMs));
    return { name: `${name}: ${what}`, atMs, untilMs: Math.min(untilMs, atMs + lastsMs), begin, end };
  });
}
