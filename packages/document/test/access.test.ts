import { replicaId } from "@motet/crdt-core";
import { describe, expect, it } from "vitest";
import { AccessList, type AccessRule } from "../src/access-list.js";
import { DocumentManager, MemoryDocumentStore, userId } from "../src/index.js";
import { ann, bob, codeOf, novel, world } from "./support/world.js";

const rule = (access: AccessRule["access"], atMs: number, user = bob): AccessRule => ({
  ...{ user, access, by: ann, atMs },
});
const say = { user: ann, nowMs: 1_000 };

describe("what a document says of who may do what with it", () => {
  it("is the same in whatever order the rules come", () => {
    const rules = [rule("read", 1), rule("write", 3), rule("none", 3), rule("admin", 3), rule(undefined, 2)];
    for (let turn = 0; turn < rules.length; turn++) {
      const list = new AccessList();
      for (const one of [...rules.slice(turn), ...rules.slice(0, turn)]) list.add(one);
      expect(list.of(bob)).toBe("none");
    }
  });

  it("goes on from what was said before, though the clock has gone back", () => {
    const list = new AccessList();
    list.add(rule("none", 5_000));
    list.add(list.next(rule("write", 1_000)));
    expect(list.of(bob)).toBe("write");
  });

  it("has room for 10,000 users", async () => {
    const list = new AccessList();
    for (let at = 0; at < 10_000; at++) list.add(rule("read", 1, userId(`user-${at}`)));
    expect(await codeOf(() => list.next(rule("read", 1)))).toBe("LIMIT");
    expect(list.next(rule("none", 1, userId("user-7"))).access).toBe("none");
  });

  it("is told once it is durable, and is there after a restart, also when the log was put together", async () => {
    const store = new MemoryDocumentStore();
    const told: AccessRule[] = [];
    let drawn = 0;
    const start = () =>
      new DocumentManager({
        store,
        newReplicaId: () => replicaId(`replica-${++drawn}`),
        published: () => {},
        accessChanged: (_id, one) => told.push(one),
        limits: { compactEntries: 2 },
      });
    const manager = start();
    await manager.withDocument(novel, (open) => {
      open.apply({ type: "insert", position: 0, text: "hello" }, say);
      open.setAccess(bob, "none", say);
      expect(open.access.of(bob)).toBe("none");
      expect(told).toEqual([]);
    });
    expect(told).toEqual([{ user: bob, access: "none", by: ann, atMs: 1_000 }]);
    await manager.withDocument(novel, (open) => open.setAccess(ann, "admin", say));
    await manager.withDocument(novel, (open) => open.setAccess(bob, undefined, say));
    await manager.close();
    const later = start();
    await later.withDocument(novel, ({ access }) => {
      expect([access.of(ann), access.of(bob)]).toEqual(["admin", undefined]);
    });
    expect(told).toHaveLength(3);
    await later.close();
  });

  it("does not outlive the document, and does not come with another one's log", async () => {
    const { manager } = world();
    const write = (open: Parameters<Parameters<typeof manager.withDocument>[1]>[0]) => {
      open.apply({ type: "insert", position: 0, text: "hello" }, say);
      open.setAccess(bob, "none", say);
    };
    await manager.withDocument(novel, write);
    const log = await manager.exportLog(novel);
    await manager.delete(novel);
    await manager.importLog(novel, log, 2_000).catch(() => {});
    await manager.withDocument(novel, ({ access }) => expect([...access]).toEqual([]));
  });
});
