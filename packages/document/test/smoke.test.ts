import { type ReplicaId, replicaId } from "@motet/crdt-core";
import { expect, it } from "vitest";
import {
  type Commit,
  Document,
  DocumentManager,
  documentId,
  documentKey,
  MemoryDocumentStore,
  tenantId,
  userId,
} from "../src/index.js";

it("smoke", async () => {
  const store = new MemoryDocumentStore();
  let n = 0;
  const out: Commit[] = [];
  const make = () =>
    new DocumentManager({
      store,
      published: (_, c) => out.push(...c),
      newReplicaId: () => replicaId(`r${n++}`),
    });
  const m = make();
  const id = documentKey(tenantId("t"), documentId("d"));
  const ann = userId("ann"),
    bob = userId("bob");
  const held = await m.open(id);
  await m.applyOperation(id, { type: "insert", position: 0, text: "hello" }, { user: ann, nowMs: 1 });
  await m.applyOperation(
    id,
    { type: "insert", position: 5, text: " world" },
    { user: bob, nowMs: 2, view: { version: 5, client: "x" } },
  );
  await m.applyOperation(id, { type: "set_title", title: "T" }, { user: bob, nowMs: 2 });
  await m.applyOperation(
    id,
    { type: "increment_counter", counter: "c", amount: -3 },
    { user: bob, nowMs: 2 },
  );
  await m.applyOperation(id, { type: "set_field", field: "lang", value: "de" }, { user: bob, nowMs: 2 });
  await m.applyOperation(
    id,
    { type: "delete", position: 0, length: 2 },
    { user: ann, nowMs: 3, view: { version: 5, client: "x" } },
  );
  held.release();
  expect(m.openDocuments).toBe(0);
  const snap = await make().getSnapshot(id);
  expect(snap.text).toBe("llo world");
  expect(snap).toMatchObject({ title: "T", versionNumber: 16 });
  expect(snap.counters.get("c")).toBe(-3);
  expect(snap.fields.get("lang")).toBe("de");
  const c = new Document({ id: documentId("d"), replica: "client1" as ReplicaId });
  for (const one of out) c.receive(one.update);
  expect(c.text).toBe(snap.text);
  c.apply({ type: "insert", position: 0, text: "he" }, 5);
  const m2 = make();
  const commit = await m2.mergeReplica(id, c.takeUpdate()!, { user: ann, nowMs: 3 });
  expect(commit.change.operations()).toEqual([{ type: "insert", position: 0, text: "he" }]);
  await expect(m2.mergeReplica(id, c.encode(), { user: bob, nowMs: 3 })).resolves.toMatchObject({
    version: 18,
  });
  c.apply({ type: "insert", position: 0, text: "he" }, 5);
  await expect(m2.mergeReplica(id, c.encode(), { user: bob, nowMs: 3 })).rejects.toMatchObject({
    code: "REPLICA_TAKEN",
  });
  expect(
    (await m2.getDiff(id, commit.change && out[0]!.change && (await m2.getSnapshot(id)).version)).operations,
  ).toEqual([]);
});
