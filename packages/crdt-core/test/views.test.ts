import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import type { OperationRange, TextCRDT, View } from "../src/index.js";
import { deleteIn, insertIn, replicaId } from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";
import { boundary, copyOf, editAnywhere, internalOrder, replicas, sync } from "./support/replicas.js";

/** The operations of the text's own replica from seq `from` on. */
function ownSince(text: TextCRDT, from: number): OperationRange[] {
  const to = text.version.get(text.replica);
  return from > to ? [] : [{ replica: text.replica, from, to }];
}

/**
 * A simple client shows the text of `version` and what it typed itself; the server has gone on. `edit` runs on a
 * replica that really is in that state, and on the server with the view named.
 */
function besideAReplica(seed: number, others: (text: TextCRDT) => void): [TextCRDT, TextCRDT] {
  const rng = random(seed);
  const [server, bob] = replicas("m-server", "bob");
  for (let edit = 0; edit < 8; edit++) editAnywhere(server, rng);
  sync(server, bob);
  const version = server.version;
  const client = copyOf(server);
  others(bob);
  server.merge(bob);
  const firstOwn = version.get(server.replica) + 1;
  for (let edit = 0; edit < 6; edit++) {
    const view: View = { version, own: ownSince(server, firstOwn) };
    const offset = boundary(client.toString(), rng.int(client.length + 1));
    const end = boundary(client.toString(), Math.min(client.length, offset + 3));
    if (rng.once(3)) {
      client.delete(offset, end - offset);
      deleteIn(server, view, offset, end - offset);
    } else {
      client.insert(offset, "new");
      insertIn(server, view, offset, "new");
    }
  }
  client.merge(bob);
  return [server, client];
}

describe("editing in a view", () => {
  it.each(seeds(60))("gives what a replica in that state would have given, seed %i", (seed) => {
    const rng = random(seed + 1000);
    const insertSome = (text: TextCRDT) => {
      for (let count = 0; count < 5; count++) {
        text.insert(boundary(text.toString(), rng.int(text.length + 1)), "bob");
      }
    };
    const [server, client] = besideAReplica(seed, insertSome);
    expect(internalOrder(server)).toEqual(internalOrder(client));
    expect(server.encodeUpdate()).toEqual(client.encodeUpdate());
  });

  it.each(seeds(60))("gives the same where others delete too, seed %i", (seed) => {
    const rng = random(seed + 2000);
    const editSome = (text: TextCRDT) => {
      for (let count = 0; count < 8; count++) editAnywhere(text, rng);
    };
    const [server, client] = besideAReplica(seed, editSome);
    expect(internalOrder(server)).toEqual(internalOrder(client));
    expect(server.encodeUpdate()).toEqual(client.encodeUpdate());
  });

  it("counts the reader's own later typing, and nobody else's", () => {
    const [server, bob] = replicas("server", "bob");
    server.insert(0, "ac");
    sync(server, bob);
    const version = server.version;
    bob.insert(0, "BOB");
    server.merge(bob);
    const b = insertIn(server, { version, own: [] }, 1, "b");
    insertIn(server, { version, own: [{ replica: b.replica, from: b.seq, to: b.seq }] }, 3, "d");
    expect(server.toString()).toBe("BOBabcd");
  });

  it("deletes again what somebody else has deleted meanwhile, so that later positions fit", () => {
    const [server, bob] = replicas("server", "bob");
    server.insert(0, "abcd");
    sync(server, bob);
    const version = server.version;
    bob.delete(1, 2);
    server.merge(bob);
    const { count, delta } = deleteIn(server, { version, own: [] }, 1, 2);
    expect([count, delta.steps]).toEqual([2, []]);
    insertIn(server, { version, own: [{ replica: server.replica, from: 5, to: 6 }] }, 2, "e");
    expect(server.toString()).toBe("ade");
  });

  it.each([-1, 0.5, 5, Number.NaN])("refuses offset %d in a text of four", (offset) => {
    const [server] = replicas("server");
    server.insert(0, "abcd");
    const view = { version: server.version, own: [] };
    server.insert(0, "more than the view shows");
    expectRefusal(() => insertIn(server, view, offset, "x"), "OUT_OF_RANGE");
    expectRefusal(() => deleteIn(server, view, offset, 1), "OUT_OF_RANGE");
  });

  it("is found 300 keystrokes later too, by walking along the text", () => {
    const [server] = replicas("server");
    server.insert(0, "abcd");
    const view = { version: server.version, own: [{ replica: replicaId("nobody"), from: 1, to: 2 }] };
    server.insert(4, "x".repeat(300));
    server.delete(0, 1);
    expect(deleteIn(server, view, 0, 2).count).toBe(2);
    insertIn(server, view, 2, "!");
    expect(server.toString()).toBe(`!cd${"x".repeat(300)}`);
    expectRefusal(() => insertIn(server, view, 5, "x"), "OUT_OF_RANGE");
    expectRefusal(() => deleteIn(server, view, 4, 1), "OUT_OF_RANGE");
  });

  it("keeps two windows of one person apart who type at the same place under one replica", () => {
    const [server, reader] = replicas("server", "reader");
    server.insert(0, "()");
    const version = server.version;
    const first = insertIn(server, { version, own: [] }, 1, "one");
    insertIn(server, { version, own: [] }, 1, "two");
    insertIn(
      server,
      { version, own: [{ replica: first.replica, from: first.seq, to: first.seq + 2 }] },
      4,
      "!",
    );
    reader.merge(server);
    expect([server.toString(), reader.toString()]).toEqual(["(one!two)", "(one!two)"]);
  });
});
