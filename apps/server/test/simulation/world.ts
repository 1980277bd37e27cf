import type { MemoryDocumentStore } from "@motet/document";
import { type Random, random } from "@motet/testing";
import type { ServerEvent } from "../../src/server-events.js";
import { Bus } from "./bus.js";
import { Database } from "./database.js";
import type { Distortion } from "./distortion.js";
import { JsonPerson } from "./json-person.js";
import { Machine } from "./machine.js";
import { Network } from "./network.js";
import { Node } from "./node.js";
import { Page } from "./page.js";
import type { Person } from "./person.js";
import { ReplicaPerson } from "./replica-person.js";
import { Timeline } from "./timeline.js";

const PAGES = ["page", "notes"];
const NAMES = ["ann", "bob", "cem", "dee", "eve", "fay"];

/** Servers, people, and everything between them, as one seed draws them. */
export class World {
  readonly timeline = new Timeline();
  readonly network: Network;
  readonly database = new Database(this.timeline);
  readonly bus = new Bus(this.timeline);
  /** What was wrong while it happened. */
  readonly complaints: string[] = [];
  /** What people edit: one document, or two. */
  readonly pages: readonly Page[];
  readonly nodes: readonly Node[];
  /** Whether no message on the bus was lost: how somebody feels is told once. */
  isBusSound = true;
  /** Whether nothing goes wrong any more. */
  isWell = false;
  /** Those who are there, or come back. */
  people: readonly Person[];
  readonly #rng: Random;
  readonly #distortion: Distortion | undefined;
  /** Servers whose clocks were set, and servers who were without the bus. */
  readonly #set = new Set<Machine>();
  readonly #setsBack: boolean;
  readonly #cut = new Set<Machine>();
  #tokens = 0;

  /** @param setsBack The database is to be set back: then everybody has the SDK, as nobody else keeps what was saved. */
  constructor(seed: number, distortion: Distortion | undefined, setsBack: boolean) {
    this.#rng = random(seed);
    this.#distortion = distortion;
    this.#setsBack = setsBack;
    this.network = new Network(this.timeline, this.#machine("balancer"));
    this.pages = PAGES.slice(0, 1 + Math.floor(this.#rng.int(4) / 3)).map((name) => this.#newPage(name));
    const count = 1 + Math.min(2, this.#rng.int(5));
    this.nodes = Array.from({ length: count }, (_, at) => this.#newNode(`node${at + 1}`));
    this.people = NAMES.slice(0, 2 + this.#rng.int(4)).map((name) => this.#newPerson(name));
    this.network.balance(this.nodes);
  }

  get rng(): Random {
    return this.#rng;
  }

  /** They do not come back. */
  sayGoodbye(person: Person): void {
    this.people = this.people.filter((one) => one !== person);
    person.ledger.forgotten(person.name);
    if (this.database.era > 0) this.#lose(person.page); // It may not have come back yet.
  }

  setClock(machine: Machine, aheadMs: number): void {
    this.#set.add(machine);
    machine.setClock(aheadMs);
  }

  cutBus(machine: Machine, noticedMs: number): void {
    this.#cut.add(machine);
    this.isBusSound = false;
    this.bus.cut(machine, noticedMs);
  }

  /** The database is as it was when that backup was made. The servers are down. */
  setBack(backup: MemoryDocumentStore): void {
    this.database.setBack(backup);
    for (const page of this.pages) this.#lose(page);
  }

  /** What nobody shows who is there may be lost. */
  #lose(page: Page): void {
    const there = this.people.filter((person) => person.page === page && person.isHere);
    page.ledger.setBack(new Map(there.map(({ name, said }) => [name, said.text])));
  }

  /** Everything is well again, whatever was wrong. */
  heal(): void {
    this.isWell = true;
    this.database.heal();
    for (const node of this.nodes) {
      this.network.speak(node.machine);
      node.machine.wake();
      node.start();
      this.bus.mend(node.machine);
    }
    for (const person of this.people) {
      this.network.speak(person.machine);
      this.network.read(person.machine, "resume");
      person.machine.wake();
      person.start();
      person.isRestless = false;
    }
  }

  #newPage(name: string): Page {
    const nextToken = () => ++this.#tokens;
    const complain = (what: string) => void this.complaints.push(what);
    return new Page(name, (key) => {
      return { hasStored: (token) => this.database.hasStored(key, token), nextToken, complain };
    });
  }

  #newNode(name: string): Node {
    const machine = this.#machine(name);
    const { database, bus } = this;
    const ledgerOf = (document: string) => this.pages.find(({ id }) => id === document)!.ledger;
    const onEvent = (event: ServerEvent) => this.#hear(machine, event);
    return new Node({ machine, database, bus, ledgerOf, distortion: this.#distortion, onEvent });
  }

  #newPerson(name: string): Person {
    const { network } = this;
    const page = this.#rng.pick(this.pages);
    const kept = this.#distortion?.kept ?? ((store) => store);
    const options = { machine: this.#machine(name), network, page, onlyReads: this.#rng.int(5) === 0 };
    if (!this.#setsBack && this.#rng.int(3) === 0) return new JsonPerson(options);
    return new ReplicaPerson({ ...options, kept, wasSetBack: () => this.database.era > 0 });
  }

  #machine(name: string): Machine {
    return new Machine(name, this.timeline, this.#rng.int(2 ** 31));
  }

  /** What an operator would be told of must have a reason. */
  #hear(machine: Machine, event: ServerEvent): void {
    const who = machine.name;
    if (event.type === "defect") this.complaints.push(`${who}: ${String((event.error as Error).stack)}`);
    if (event.type === "damaged") this.complaints.push(`${who} finds the document damaged: ${event.reason}`);
    if (event.type === "clock_jumped" && !this.#set.has(machine))
      this.complaints.push(`${who} says that its clock jumped by ${event.byMs} ms`);
    if (event.type === "clocks_apart" && this.#set.size === 0)
      this.complaints.push(`${who} says that another's clock is ${event.aheadMs} ms ahead`);
    if (event.type === "bus_lost" && !this.#cut.has(machine)) this.complaints.push(`${who} has lost the bus`);
    if (event.type !== "stored") this.timeline.note(`${who} says ${JSON.stringify(event)}`);
  }
}
