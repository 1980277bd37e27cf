import { replicaId } from "@motet/crdt-core";
import { describe, expect, it } from "vitest";
import {
  Document,
  type DocumentLimits,
  type DocumentStore,
  decodeAnnouncement,
  documentId,
  encodeAnnouncement,
  entryKey,
  MemoryDocumentStore,
} from "../src/index.js";
import { ControlledStore } from "./support/controlled-store.js";
import { Gossip } from "./support/gossip.js";
import { ann, bob, codeOf, novel, turns, type World, world } from "./support/world.js";

/** Managers on one store and one bus. */
function nodes(
  count: number,
  store: DocumentStore = new MemoryDocumentStore(),
  limits: Partial<DocumentLimits> = {},
) {
  const gossip = new Gossip();
  const worlds = Array.from({ length: count }, (_, n): World => {
    const node = gossip.node();
    const one = world(store, limits, `node${n}`, node);
    node.of = one.manager;
    return one;
  });
  return { gossip, store, nodes: worlds };
}

const insert = (text: string, position = 0) => ({ type: "insert", position, text }) as const;
const by = (user = ann) => ({ user, nowMs: 1_000 });

async function settle(gossip: Gossip): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await turns();
    gossip.deliver();
  }
  await turns();
}

describe("what another node stores", () => {
  it("reaches everybody who has the document open, without a look into the store, and is not stored again", async () => {
    const store = new ControlledStore();
    const { gossip, nodes: all } = nodes(2, store);
    const [one, two] = all as [World, World];
    const document = await two.manager.open(novel);
    const loads = store.loads;
    await one.manager.applyOperation(novel, insert("hello"), by());
    await settle(gossip);
    expect(document.document.text).toBe("hello");
    expect(two.published.map(({ user, isForeign, version }) => [user, isForeign, version])).toEqual([
      [ann, true, 5],
    ]);
    expect(two.published[0]!.change.operations()).toEqual([insert("hello")]);
    expect(store.loads).toBe(loads + 1); // The first node's own.
    expect(await store.load(novel)).toHaveLength(1);
    expect(two.manager.operationsTotal).toBe(0);
  });

  it("is found when its announcement was lost, behind the next one or by looking", async () => {
    const { gossip, nodes: all } = nodes(2);
    const [one, two] = all as [World, World];
    const [writer, reader] = [await one.manager.open(novel), await two.manager.open(novel)];
    writer.apply(insert("a"), by());
    await turns();
    gossip.waiting = [];
    writer.apply(insert("b", 1), by());
    await settle(gossip);
    expect(reader.document.text).toBe("ab");
    writer.apply(insert("c", 2), by());
    await turns();
    gossip.waiting = [];
    await one.manager.tend(); // Says the last one again.
    await settle(gossip);
    expect(reader.document.text).toBe("abc");
  });

  it("is there for whoever opens the document next, though nobody has told this node yet (G6)", async () => {
    const store = new ControlledStore();
    const { nodes: all } = nodes(2, store);
    const [one, two] = all as [World, World];
    await two.manager.open(novel);
    await one.manager.applyOperation(novel, insert("told there"), by());
    const loads = store.loads;
    const joiners = await Promise.all(Array.from({ length: 50 }, () => two.manager.open(novel)));
    expect(new Set(joiners.map(({ document }) => document.text))).toEqual(new Set(["told there"]));
    expect(store.loads - loads).toBeLessThanOrEqual(2); // All who come while one looks share the next look.
  });

  it("is found while the bus is away, and once it is back", async () => {
    const { gossip, nodes: all } = nodes(2);
    const [one, two] = all as [World, World];
    const [writer, reader] = [await one.manager.open(novel), await two.manager.open(novel)];
    for (const node of gossip.nodes) node.areHeard = false;
    writer.apply(insert("a"), by());
    await turns();
    await two.manager.tend();
    expect(reader.document.text).toBe("a");
    writer.apply(insert("b", 1), by());
    await turns();
    for (const node of gossip.nodes) node.areHeard = true;
    await two.manager.relearn();
    expect(reader.document.text).toBe("ab");
  });

  it("while that one alone was cut off is told to the others once it is back, however long ago it was", async () => {
    const { gossip, nodes: all } = nodes(2);
    const [one, two] = all as [World, World];
    const [writer, reader] = [await one.manager.open(novel), await two.manager.open(novel)];
    gossip.nodes[0]!.areHeard = false;
    writer.apply(insert("alone"), by());
    await turns();
    for (let second = 0; second < 3; second++) await one.manager.tend();
    gossip.nodes[0]!.areHeard = true;
    await one.manager.relearn();
    await settle(gossip);
    expect(reader.document.text).toBe("alone");
  });

  it("is looked for in a store that hangs once, however often it is time to look", async () => {
    const { gossip, nodes: all, store } = nodes(1);
    const [one] = all as [World];
    await one.manager.open(novel);
    gossip.nodes[0]!.areHeard = false;
    let answer = (): void => {};
    store.load = () => new Promise((resolve) => (answer = () => resolve([])));
    const first = one.manager.tend();
    await Promise.all([one.manager.tend(), one.manager.tend()]); // Nothing to wait for.
    await turns();
    answer();
    await first;
  });

  it("that is stored between the loading of a document and its being open is not missed (G4)", async () => {
    const { gossip, nodes: all, store } = nodes(2);
    const [one, two] = all as [World, World];
    const load = store.load.bind(store);
    store.load = async (id, after) => {
      const entries = await load(id, after);
      store.load = load;
      await one.manager.applyOperation(novel, insert("meanwhile"), by());
      gossip.deliver();
      return entries;
    };
    const reader = await two.manager.open(novel);
    await settle(gossip);
    expect(reader.document.text).toBe("meanwhile");
  });

  it("is told to readers in the order in which this node's text takes it in", async () => {
    const store = new ControlledStore();
    const { gossip, nodes: all } = nodes(2, store);
    const [one, two] = all as [World, World];
    const [near, far] = [await one.manager.open(novel), await two.manager.open(novel)];
    far.apply(insert("far"), by(bob));
    await turns();
    store.holding = true;
    near.apply(insert("near"), by());
    await turns();
    gossip.deliver(); // While the own change is on its way.
    store.holding = false;
    store.confirm();
    await settle(gossip);
    expect(one.published.map(({ version, user }) => [version, user])).toEqual([
      [4, ann],
      [7, bob],
    ]);
    expect(far.document.text).toBe(near.document.text);
  });

  it("comes with bindings, names, messages and requests", async () => {
    const { gossip, nodes: all } = nodes(2);
    const [one, two] = all as [World, World];
    const [near, far] = [await one.manager.open(novel), await two.manager.open(novel)];
    near.apply(insert("a"), { ...by(), message: { client: "tab", id: 7 } });
    near.nameVersion("first", by());
    near.applyAll([insert("b")], { ...by(), request: { key: "k", digest: "d" } });
    await settle(gossip);
    expect(far.lastMessageId(ann, "tab")).toBe(7);
    expect(await codeOf(() => far.nameVersion("first", by()))).toBe("NAME_TAKEN");
    expect(far.applyAll([insert("b")], { ...by(), request: { key: "k", digest: "d" } }).repeated).toBe(true);
    expect(far.document.text).toBe("ba");
  });
});

describe("two nodes at once", () => {
  it("do not both carry out one message of a client that moved from one to the other (G6)", async () => {
    const store = new ControlledStore();
    const { gossip, nodes: all } = nodes(2, store);
    const [one, two] = all as [World, World];
    const [near, far] = [await one.manager.open(novel), await two.manager.open(novel)];
    const message = { client: "tab", id: 1 };
    store.holding = true;
    near.apply(insert("x"), { ...by(), message });
    await turns();
    far.apply(insert("x"), { ...by(), message }); // Sent again, before the first node's answer.
    await turns();
    store.holding = false;
    store.confirm();
    await settle(gossip);
    const accepted = [...one.published, ...two.published].filter(({ isForeign }) => !isForeign);
    expect(accepted).toHaveLength(1);
    expect([...one.refused, ...two.refused]).toHaveLength(1);
    const fresh = await world(store, {}, "later").manager.getSnapshot(novel);
    expect(fresh.text).toBe("x");
    for (const { manager } of all) expect((await manager.getSnapshot(novel)).text).toBe("x");
  });

  it("take the same operations of a replica that moved, and hold them once", async () => {
    const store = new ControlledStore();
    const { gossip, nodes: all } = nodes(2, store);
    const [one, two] = all as [World, World];
    const [near, far] = [await one.manager.open(novel), await two.manager.open(novel)];
    const tab = new Document({ id: documentId("novel"), replica: replicaId("tab") });
    tab.apply(insert("hello"), 1_000);
    const update = tab.takeUpdate()!;
    store.holding = true;
    near.receive(update, by());
    far.receive(update, by());
    await turns();
    store.holding = false;
    for (let n = 0; n < 3; n++) {
      store.confirm();
      await settle(gossip);
    }
    expect([...one.refused, ...two.refused]).toEqual([]);
    expect([near.document.text, far.document.text]).toEqual(["hello", "hello"]);
    expect((await world(store, {}, "later").manager.getSnapshot(novel)).text).toBe("hello");
  });

  it("let one user have a replica that two bring at once", async () => {
    const { gossip, nodes: all, store } = nodes(2);
    const [one, two] = all as [World, World];
    const [near, far] = [await one.manager.open(novel), await two.manager.open(novel)];
    const edit = (text: string) => {
      const tab = new Document({ id: documentId("novel"), replica: replicaId("same") });
      tab.apply(insert(text), 1_000);
      return tab.takeUpdate()!;
    };
    near.receive(edit("ann's"), by(ann));
    far.receive(edit("bob's"), by(bob));
    await settle(gossip);
    const accepted = [...one.published, ...two.published].filter(({ isForeign }) => !isForeign);
    expect(accepted).toHaveLength(1);
    const { text } = await world(store, {}, "later").manager.getSnapshot(novel);
    expect(text).toBe(`${accepted[0]!.user}'s`);
  });

  it("do not both take two different operations under one id", async () => {
    const { gossip, nodes: all, store } = nodes(2);
    const [one, two] = all as [World, World];
    const tab = (text: string) => {
      const document = new Document({ id: documentId("novel"), replica: replicaId("tab") });
      document.apply(insert("both"), 1_000);
      const first = document.takeUpdate()!;
      document.apply(insert(text), 1_000);
      return [first, document.takeUpdate()!] as const;
    };
    const [near, far] = [await one.manager.open(novel), await two.manager.open(novel)];
    const [[first, left], [, right]] = [tab("left"), tab("right")];
    near.receive(first, by());
    await settle(gossip);
    near.receive(left, by());
    far.receive(right, by());
    await settle(gossip);
    const accepted = [...one.published, ...two.published].filter(({ isForeign }) => !isForeign);
    expect(accepted).toHaveLength(2);
    const texts = await Promise.all(all.map(async ({ manager }) => (await manager.getSnapshot(novel)).text));
    const { text } = await world(store, {}, "later").manager.getSnapshot(novel);
    expect(texts).toEqual([text, text]);
    expect(["leftboth", "rightboth"]).toContain(text);
  });

  it("store once what had waited here for what the other one stored", async () => {
    const { gossip, nodes: all, store } = nodes(2);
    const [one, two] = all as [World, World];
    const [near, far] = [await one.manager.open(novel), await two.manager.open(novel)];
    const tab = new Document({ id: documentId("novel"), replica: replicaId("tab") });
    tab.apply(insert("a"), 1_000);
    const first = tab.takeUpdate()!;
    tab.apply(insert("b", 1), 1_000);
    far.receive(tab.takeUpdate()!, by()); // Waits for the first.
    await settle(gossip);
    expect(far.document.text).toBe("");
    near.receive(first, by());
    await settle(gossip);
    expect([near.document.text, far.document.text]).toEqual(["ab", "ab"]);
    const reader = new Document({ id: documentId("novel"), replica: replicaId("reader") });
    for (const { update } of two.published) if (update.length > 0) reader.receive(update, 1_000);
    expect(reader.text).toBe("ab");
    expect((await world(store, {}, "later").manager.getSnapshot(novel)).text).toBe("ab");
  });
});

describe("a log that two nodes write", () => {
  it("is put together by one of them, and the other goes on and does so later", async () => {
    const { gossip, nodes: all, store } = nodes(2, new MemoryDocumentStore(), { compactEntries: 6 });
    const documents = await Promise.all(all.map(({ manager }) => manager.open(novel)));
    for (let n = 0; n < 60; n++) {
      documents[n % 2]!.apply(insert("x"), by());
      await settle(gossip);
    }
    expect((await store.load(novel)).length).toBeLessThan(16);
    for (const { document } of documents) expect(document.text).toBe("x".repeat(60));
    expect((await world(store, {}, "later").manager.getSnapshot(novel)).text).toBe("x".repeat(60));
    expect(all.flatMap(({ refused }) => refused)).toEqual([]);
  });

  it("is put together by one while a client of the other has a message on its way, and both go on", async () => {
    const store = new ControlledStore();
    const { gossip, nodes: all } = nodes(2, store, { compactEntries: 2 });
    const [near, far] = await Promise.all(all.map(({ manager }) => manager.open(novel)));
    const message = (id: number) => ({ ...by(bob), message: { client: "tab", id } });
    far!.apply(insert("a"), message(1));
    await settle(gossip);
    for (const text of ["x", "y", "z"]) {
      near!.apply(insert(text), by());
      await turns(6);
      gossip.waiting = [];
    }
    expect((await store.load(novel)).map(({ key }) => key.split("-")[0])).toContain("whole");
    store.holding = true;
    far!.apply(insert("b"), message(2));
    await turns();
    await far!.catchUp(); // Everything that bob's tab has sent before stands in the whole.
    store.holding = false;
    store.confirm();
    await settle(gossip);
    expect(all.flatMap(({ refused }) => refused)).toEqual([]);
    expect([near!.document.text, far!.document.text].map((text) => [...text].sort().join(""))).toEqual([
      "abxyz",
      "abxyz",
    ]);
  });

  it("never gets characters back that were trimmed", async () => {
    const { gossip, nodes: all, store } = nodes(2, new MemoryDocumentStore(), { compactEntries: 4 });
    const [one, two] = all as [World, World];
    await one.manager.applyOperation(novel, insert("secret plan"), by());
    const far = await two.manager.open(novel);
    await one.manager.applyOperation(novel, { type: "delete", position: 0, length: 7 }, by());
    await settle(gossip);
    expect(far.document.text).toBe("plan");
    await one.manager.forgetBefore(novel, { version: (await one.manager.open(novel)).document.version });
    await settle(gossip);
    expect(two.refused.map(({ error }) => error.code)).toEqual(["NOT_SAVED"]);
    const again = await two.manager.open(novel);
    for (let n = 0; n < 12; n++) {
      again.apply(insert("x"), by());
      await settle(gossip);
    }
    const bytes = (await store.load(novel))
      .map((entry) => Buffer.from(entry.bytes).toString("latin1"))
      .join("");
    expect(bytes).not.toContain("secret");
  });

  it("ends for both when one of them deletes the document", async () => {
    const { gossip, nodes: all } = nodes(2);
    const [one, two] = all as [World, World];
    await one.manager.applyOperation(novel, insert("old"), by());
    const far = await two.manager.open(novel);
    expect(await one.manager.delete(novel)).toBe(true);
    await settle(gossip);
    expect(two.refused.map(({ error }) => error.code)).toEqual(["DELETED"]);
    expect(await codeOf(() => far.apply(insert("late"), by()))).toBe("DELETED");
    await two.manager.applyOperation(novel, insert("new"), by());
    expect((await one.manager.getSnapshot(novel)).text).toBe("new");
    await settle(gossip);
  });

  it("is deleted by one of those who try at once, and by no other", async () => {
    const { gossip, nodes: all } = nodes(3);
    await all[0]!.manager.applyOperation(novel, insert("old"), by());
    await Promise.all(all.map(({ manager }) => manager.open(novel)));
    const outcomes = await Promise.all(all.map(({ manager }) => manager.delete(novel)));
    await settle(gossip);
    expect(outcomes.filter((isDeleted) => isDeleted)).toEqual([true]);
    expect(all.flatMap(({ deleted }) => deleted)).toEqual([novel]);
  });

  it("that the store has lost the end of is read anew, and clients bring back what is missing", async () => {
    const { gossip, nodes: all, store } = nodes(1);
    const [one] = all as [World];
    const document = await one.manager.open(novel);
    for (const text of ["a", "b"]) {
      document.apply(insert(text), by());
      await turns();
    }
    const [first] = await store.load(novel);
    await store.delete(novel); // A failover to a standby that lagged.
    await store.append(novel, first!.key, first!.bytes);
    document.apply(insert("c"), by());
    await settle(gossip);
    expect(one.refused.map(({ error }) => error.code)).toEqual(["NOT_SAVED"]);
  });
});

describe("an announcement", () => {
  const entry = { key: entryKey("0-node-1"), place: 7, bytes: Uint8Array.of(1, 2, 3) };

  it("is the same after it was encoded and decoded, and names what is too large to be carried (G11)", () => {
    expect(decodeAnnouncement(encodeAnnouncement([entry]))).toEqual([entry]);
    const large = { ...entry, bytes: new Uint8Array(100_000) };
    expect(decodeAnnouncement(encodeAnnouncement([large]))).toEqual([{ key: entry.key, place: 7 }]);
  });

  it("that is none is refused, whatever it is", async () => {
    const bytes = encodeAnnouncement([entry]);
    const broken = [...bytes.keys()].map((length) => bytes.subarray(0, length));
    for (const one of [
      ...broken,
      Uint8Array.of(...bytes, 0),
      Uint8Array.of(2),
      new Uint8Array(300).fill(255),
    ]) {
      expect(await codeOf(() => decodeAnnouncement(one))).toBe("MALFORMED");
    }
  });

  it("of an entry that is none costs the document no more than being read anew", async () => {
    const { nodes: all } = nodes(1);
    const [one] = all as [World];
    await one.manager.applyOperation(novel, insert("a"), by());
    await one.manager.open(novel);
    one.manager.heard(novel, [{ key: entryKey("0-forged"), place: 2, bytes: Uint8Array.of(9, 9) }]);
    expect(one.refused.map(({ error }) => error.code)).toEqual(["NOT_SAVED"]);
    expect((await one.manager.getSnapshot(novel)).text).toBe("a");
  });
});
