import type { Appended, DocumentKey, EntryKey } from "@motet/document";
import { expect, it } from "vitest";
import { HeldStore } from "./support/held-store.js";
import { HttpApi } from "./support/http-api.js";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

/** Says that an entry is stored before it is: what a server must never do, planted where it does the same harm. */
class EagerStore extends HeldStore {
  #places = 0;

  override async append(id: DocumentKey, key: EntryKey, bytes: Uint8Array): Promise<Appended> {
    void super.append(id, key, bytes);
    return { place: ++this.#places, fresh: true };
  }
}

const EVERYTHING = [
  "ack",
  "blame",
  "change to another",
  "diff",
  "document",
  "history",
  "name of a version",
  "restoring",
  "state for a joiner",
  "taken name",
  "text",
  "versions",
];

it("as long as the disk does not answer, nothing that an edit did gets out by any door", async () => {
  expect(await whatGetsOut(new HeldStore())).toEqual([]);
});

it("that test finds out a server that acknowledges before the commit", async () => {
  expect(await whatGetsOut(new EagerStore())).toEqual(EVERYTHING);
});

/** What could be known of an edit before it was durable. Once it is, all must be known: else this would prove nothing. */
async function whatGetsOut(store: HeldStore): Promise<string[]> {
  const world = await TestServer.start({ store });
  const api = new HttpApi(world.address);
  const [ann, bob] = await Promise.all(
    ["ann", "bob"].map((user) => JsonClient.join(world.address, { user })),
  );
  if (ann === undefined || bob === undefined) throw new Error("nobody came");
  ann.insert(0, "public");
  await ann.settle();
  await bob.reach(6);

  const early: string[] = [];
  let isDurable = false;
  const watch = async (what: string, known: Promise<unknown>) => {
    await known;
    if (!isDurable) early.push(what);
  };
  store.hold("append");
  const change = bob.next("changes");
  ann.insert(6, " secret");
  await ann.roundTrip();
  const known = Promise.all([
    watch(
      "ack",
      ann.until(() => ann.acked.has(2)),
    ),
    watch("change to another", change),
    watch("state for a joiner", JsonClient.join(world.address, { user: "cem" })),
    watch("document", api.get()),
    watch("text", api.get("", { accept: "text/plain" })),
    watch("history", api.get("/history?of=changes")),
    watch("diff", api.get("/diff?from=6")),
    watch("blame", api.get("/blame")),
    watch("name of a version", api.post("/versions?user_id=ann", { name: "new" })),
    watch(
      "taken name",
      firstNamed(api).then(() => api.post("/versions?user_id=bob", { name: "new" })),
    ),
    watch("versions", api.get("/versions")),
    watch("restoring", api.post("/restore?user_id=bob", { version: "6" })),
  ]);
  // Whatever does not wait for the disk has come through by then: all of it runs in this process.
  for (let turn = 0; turn < 20; turn++) await Promise.all([ann.roundTrip(), bob.roundTrip()]);
  isDurable = true;
  store.release("append");
  await known;
  await world.close();
  return early.sort();
}

/** Resolves when requests made before have arrived: an address that waits for nothing answers. */
async function firstNamed(api: HttpApi): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await api.get("/nothing");
}
