import { replicaId } from "@motet/crdt-core";
import { Document, documentId, documentKey, tenantId } from "@motet/document";
import { PresenceTracker } from "@motet/presence";
import { ConnectionManager, type PresenceMessage } from "@motet/transport";
import { ManualClock, MemorySocket } from "@motet/transport/testing";
import { expect, it } from "vitest";
import { PresenceRelay } from "../src/presence-relay.js";

const key = documentKey(tenantId("main"), documentId("page"));

/** People in a document, and readers of both kinds who note what they are told. */
class Room {
  readonly clock = new ManualClock();
  readonly presence = new PresenceTracker();
  readonly connections = new ConnectionManager();
  readonly relay: PresenceRelay;
  readonly heard: { readonly json: PresenceMessage[]; readonly replica: PresenceMessage[] } = {
    json: [],
    replica: [],
  };
  /** How often the text was asked where something stands. */
  looks = 0;

  constructor(people: number) {
    const { connections, presence, clock } = this;
    const later = (delayMs: number, run: () => void) => clock.after(delayMs, run);
    this.relay = new PresenceRelay({ connections, presence, nowMs: clock.now, later });
    const document = new Document({ id: documentId("page"), replica: replicaId("server") });
    document.apply({ type: "insert", position: 0, text: "text" }, 0);
    const find = document.lineColumnAt.bind(document);
    document.lineColumnAt = (offset) => {
      this.looks++;
      return find(offset);
    };
    this.relay.begin(key, document);
    for (let at = 0; at < people; at++) presence.join(this.tab(at), {}, clock.nowMs);
    for (const kind of ["json", "replica"] as const) this.#read(kind);
  }

  tab(at: number) {
    return { document: key, user: `u${at}`, connection: `c${at}` };
  }

  move(at: number, seq = 1): void {
    const head = { element: { replica: replicaId("server"), seq }, side: "left" } as const;
    this.presence.updateCursor(this.tab(at), { line: 0, column: 0, anchors: { head } }, this.clock.nowMs);
    this.relay.note(key);
  }

  #read(kind: "json" | "replica"): void {
    const [near, far] = MemorySocket.pair();
    far.listen({
      text: (text) => this.heard[kind].push(JSON.parse(text) as PresenceMessage),
      binary: () => {},
      heard: () => {},
      closed: () => {},
      failed: () => {},
    });
    near.listen({ text: () => {}, binary: () => {}, heard: () => {}, closed: () => {}, failed: () => {} });
    const { nowMs } = this.clock;
    this.connections.connect({ id: kind, socket: near, document: key, user: kind, kind, nowMs });
  }
}

/** Lets what was sent arrive. */
const arrive = () => new Promise<void>((resolve) => setImmediate(resolve));

it("tells readers of each other at once, and then at most 20 times a second, the last of each", async () => {
  const room = new Room(2);
  for (let ms = 0; ms < 999; ms++) {
    room.move(0, 1 + (ms % 4));
    room.move(1, 1 + (ms % 4));
    room.clock.advance(1);
  }
  await arrive();
  expect(room.heard.json.length).toBe(20);
  expect(room.heard.json.every(({ users }) => users.length === 2)).toBe(true);
  expect(room.heard.replica.length).toBe(20);
  for (const at of [0, 1]) room.move(at, 4);
  room.clock.advance(50);
  await arrive();
  expect(room.heard.json.at(-1)?.users).toEqual([
    { user_id: "u0", cursor: { line: 0, column: 4 } },
    { user_id: "u1", cursor: { line: 0, column: 4 } },
  ]);
  expect(room.heard.replica.at(-1)?.users[0]?.selection?.head.element?.seq).toBe(4);
});

it("has no timer while nothing is new", () => {
  const room = new Room(2);
  room.relay.note(key);
  expect(room.clock.waiting).toBe(0);
  room.move(0);
  expect(room.clock.waiting).toBe(1);
  room.clock.advance(50);
  expect(room.clock.waiting).toBe(0);
  room.move(0, 2);
  room.relay.forget(key);
  expect(room.clock.waiting).toBe(0);
});

it("costs what has changed, of 10,000 people (E11)", async () => {
  const room = new Room(10_000);
  for (let at = 0; at < 10_000; at++) room.move(at);
  room.clock.advance(50);
  await arrive();
  expect(room.looks).toBe(10_000);
  for (let at = 0; at < 7; at++) for (let seq = 1; seq <= 4; seq++) room.move(at * 1_000, seq);
  room.clock.advance(50);
  await arrive();
  expect(room.looks).toBe(10_007);
  expect(room.heard.json.map(({ users }) => users.length)).toEqual([10_000, 7]);
  expect(room.heard.replica.map(({ users }) => users.length)).toEqual([10_000, 7]);
});

it("tells nobody of who has left meanwhile", async () => {
  const room = new Room(2);
  room.move(0);
  room.move(1);
  room.presence.leave(room.tab(0));
  room.clock.advance(50);
  await arrive();
  expect(room.heard.json.map(({ users }) => users.map(({ user_id }) => user_id))).toEqual([["u1"]]);
});
