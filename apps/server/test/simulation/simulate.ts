import { replicaId } from "@motet/crdt-core";
import { DocumentManager, type DocumentSnapshot } from "@motet/document";
import type { Distortion } from "./distortion.js";
import { drawFaults, drawSetBack } from "./faults.js";
import type { Said } from "./ledger.js";
import type { Page } from "./page.js";
import type { Person } from "./person.js";
import { PATIENCE } from "./replica-person.js";
import { World } from "./world.js";

/** What became of a seed. */
export interface Outcome {
  readonly seed: number;
  /** What was wrong; nothing, as it should be. */
  readonly complaints: readonly string[];
  /** Of all that happened, the same for the same seed. */
  readonly checksum: number;
  readonly turns: number;
  readonly edits: number;
  /** What was to go wrong, and the end of the log. */
  readonly story: readonly string[];
}

/** What is to happen in a simulation beside what the seed draws. */
export interface Story {
  readonly distortion?: Distortion;
  /** Whether the database is set back to a backup. */
  readonly setsBack?: boolean;
}

/** Within so many milliseconds, and one wait of a client before it connects again, all are the same. */
const CONVERGENCE_MS = 2_000;

/** By then everything has come back that clients hold of what a database lacks that was set back. */
const BROUGHT_BACK_MS = 240_000;

/** By then a dead server's people are gone, and so is whoever left without a word; and servers have looked into the database. In milliseconds. */
const GHOSTS_MS = 32_000;

/** Lets servers and people work while things go wrong, then puts everything right and looks whether all is as it should be. */
export async function simulate(seed: number, { distortion, setsBack = false }: Story = {}): Promise<Outcome> {
  const world = new World(seed, distortion, setsBack);
  const { timeline } = world;
  const complaints: string[] = [];
  const unhandled = process.listeners("unhandledRejection");
  const note = (error: unknown) => void timeline.uncaught.push(String((error as Error)?.stack ?? error));
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", note);
  try {
    const faults = await live(world, setsBack);
    const story = () => [...faults, ...timeline.lastLines];
    complaints.push(...(await settle(world)), ...(await leave(world)));
    complaints.push(...world.complaints, ...timeline.uncaught);
    const { checksum, turns } = timeline;
    const edits = world.pages.reduce((sum, { ledger }) => sum + ledger.size, 0);
    return { seed, complaints, checksum, turns, edits, story: story() };
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of unhandled) process.on("unhandledRejection", listener);
  }
}

/** Everybody comes, works, and suffers. Returns what went wrong, to be read. */
async function live(world: World, setsBack: boolean): Promise<readonly string[]> {
  const { timeline, rng } = world;
  const busyMs = rng.int(6) === 0 ? 45_000 : 4_000 + rng.int(10_000);
  const drawn = drawFaults(rng, world, busyMs);
  // A stamp that was taken before may be ahead of a clock that was set: it is given anew, and others bring it as it was.
  const faults = setsBack
    ? [...drawn.filter(({ name }) => !name.includes("clock")), drawSetBack(rng, world, busyMs)]
    : drawn;
  for (const node of world.nodes) timeline.plan(rng.int(20), () => node.start());
  for (const [nth, person] of world.people.entries()) {
    // Where the database is set back the first of them comes so late that they are not sent what was deleted before.
    const isLate = setsBack && nth === 0;
    timeline.plan(isLate ? busyMs / 2 : 30 + rng.int(500), () => {
      if (world.people.includes(person)) person.start();
    });
  }
  for (const { name, atMs, untilMs, begin, end } of faults) {
    const happens = (what: string, run: () => void) => () => {
      timeline.note(`*** ${name} ${what}`);
      run();
    };
    timeline.plan(atMs, happens("begins", begin));
    timeline.plan(untilMs, happens("ends", end));
  }
  await timeline.pass(busyMs);
  return faults.map(({ name, atMs, untilMs }) => `${atMs} to ${untilMs}: ${name}`);
}

/**
 * All is well again: everybody types once more, and soon all say the same, and know of each other. Where nobody says a word it may take until
 * the servers look by themselves.
 */
async function settle(world: World): Promise<readonly string[]> {
  const { timeline, rng } = world;
  const isQuiet = rng.int(4) === 0 || world.pages.some((page) => authorsOf(world, page).length === 0);
  timeline.plan(0, () => {
    timeline.note("*** all is well again");
    world.heal();
  });
  if (world.database.era > 0) await timeline.pass(timeline.nowMs + BROUGHT_BACK_MS);
  const healedMs = timeline.nowMs;
  await timeline.pass(healedMs + 300);
  const authors = isQuiet ? [] : world.pages.flatMap((page) => authorsOf(world, page));
  for (const person of authors) timeline.plan(0, () => person.type());
  // A client whose clock was set is refused what it has stamped, and connects once more.
  const waits = world.people.some(({ machine }) => machine.aheadMs !== 0) ? 2 : 1;
  const soonMs = CONVERGENCE_MS + waits * PATIENCE.backoffCeilingMs;
  await timeline.pass(healedMs + (isQuiet ? GHOSTS_MS : soonMs));
  const complaints: string[] = [];
  for (const page of world.pages) complaints.push(...(await compare(world, page)));
  if (complaints.length === 0) complaints.push(...(await entitle(world)));
  await timeline.pass(Math.max(timeline.nowMs, healedMs + GHOSTS_MS));
  return [...complaints, ...ghosts(world)];
}

function authorsOf({ people }: World, page: Page): readonly Person[] {
  return people.filter((person) => person.page === page && person.edits);
}

/** Whatever stamps there are of clocks that were set: a title that is given now is the title. */
async function entitle(world: World): Promise<readonly string[]> {
  const { timeline, pages } = world;
  const [author] = pages.flatMap((page) => authorsOf(world, page));
  if (author === undefined) return [];
  const title = author.ledger.newToken(author.name);
  timeline.plan(0, () => author.rename(title));
  await timeline.pass(timeline.nowMs + CONVERGENCE_MS + PATIENCE.backoffCeilingMs);
  return compare(world, author.page, title);
}

/** What the database says must be what was done, and what everybody says. */
async function compare(world: World, page: Page, title?: string): Promise<readonly string[]> {
  try {
    const stored = await storedIn(world, page);
    const complaints = unequal(world, page, stored);
    if (title !== undefined && stored.title !== title)
      complaints.push(`the title is ${stored.title}, though ${title} was given last`);
    return complaints.length > 0 ? complaints : page.ledger.judge(saidBy(stored));
  } catch (error) {
    return [`what is in the database cannot be read: ${(error as Error).message}`];
  }
}

/** Everybody goes, and nothing is left of them; servers stop, and nothing is left at all. */
async function leave(world: World): Promise<readonly string[]> {
  const { timeline, nodes, network, pages } = world;
  network.speak();
  for (const person of world.people) timeline.plan(0, () => void person.leave());
  await timeline.pass(timeline.nowMs + 3_000);
  const complaints = nodes.flatMap(({ machine, parts }) => {
    if (parts === undefined) return [`${machine.name} is down`];
    const { sessions, connections, documents, presence } = parts;
    const { readers, bytes } = connections.backlog;
    const left = {
      ...{ sessions: sessions.size, connections: connections.size, documents: documents.openDocuments },
      people: pages.reduce((sum, { key }) => sum + presence.participants(key).length, 0),
      ...{ readers, bytes, queued: documents.queuedBytes },
    };
    return Object.values(left).every((count) => count === 0)
      ? []
      : [`${machine.name} still has ${JSON.stringify(left)}`];
  });
  for (const node of nodes) timeline.plan(0, () => node.stop());
  await timeline.pass(timeline.nowMs + 5_000);
  for (const { machine } of nodes) if (machine.isUp) complaints.push(`${machine.name} does not stop`);
  if (network.size > 0) complaints.push(`${network.size} lines still stand`);
  return complaints;
}

/** What whoever reads the log in the database finds. */
async function storedIn({ database }: World, { key }: Page): Promise<DocumentSnapshot> {
  let drawn = 0;
  const newReplicaId = () => replicaId(`reader-${++drawn}`);
  const documents = new DocumentManager({ store: database.memory, newReplicaId, published: () => {} });
  return documents.getSnapshot(key);
}

function saidBy({ text, title, counters }: DocumentSnapshot): Said {
  return { text, title, count: counters.get("likes") ?? 0 };
}

/** Everybody who does not say what is stored. */
function unequal(world: World, page: Page, stored: DocumentSnapshot): string[] {
  const expected = JSON.stringify(saidBy(stored));
  const differs = (who: string, said: Said) => {
    const isSame = JSON.stringify(said) === expected;
    return isSame ? [] : [`${who} says ${JSON.stringify(said)}, and the database ${expected}`];
  };
  const readers = world.people.filter((person) => person.page === page);
  const ofPeople = readers.flatMap((person: Person) =>
    person.isSettled ? differs(person.name, person.said) : [`${person.name} is not in step yet`],
  );
  const ofNodes = world.nodes.flatMap(({ machine, parts }) =>
    [...(parts?.documents.loaded ?? [])].flatMap(({ id, document }) =>
      id === page.key ? differs(machine.name, saidBy(document.snapshot())) : [],
    ),
  );
  return [...ofPeople, ...ofNodes];
}

/** Whoever sees somebody who is not there, misses somebody who is, or takes somebody's mood for another. */
function ghosts({ people, isBusSound }: World): readonly string[] {
  return people.flatMap(({ name, page, people: seen }) => {
    const there = people.filter((one) => one.page === page);
    const shown = (mood: unknown) => (isBusSound && mood !== undefined ? ` (${mood})` : "");
    const list = (those: readonly (readonly [string, unknown])[]) =>
      [...those]
        .map(([who, mood]) => `${who}${shown(mood)}`)
        .sort()
        .join(" ");
    const [sees, expected] = [list([...seen]), list(there.map((one) => [one.name, one.mood]))];
    return sees === expected ? [] : [`${name} sees ${sees}, and there are ${expected}`];
  });
}
