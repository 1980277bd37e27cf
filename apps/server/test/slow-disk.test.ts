import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HeldStore } from "./support/held-store.js";
import { HttpApi } from "./support/http-api.js";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

let store: HeldStore;
let world: TestServer;
beforeEach(async () => {
  store = new HeldStore();
  world = await TestServer.start({ store, limits: { queuedBytesMax: 1_000 } });
});
afterEach(async () => {
  store.release("append");
  await world.close();
});

describe("a disk that takes its time (F14)", () => {
  it("makes acknowledgements wait; then they come in order, and what gathered went into one entry", async () => {
    const [ann, bob] = await Promise.all(
      ["ann", "bob"].map((user) => JsonClient.join(world.address, { user })),
    );
    store.hold("append");
    for (let at = 0; at < 500; at++) ann?.insert(at, "x");
    await ann?.roundTrip();
    expect([ann?.acked.size, bob?.othersReceived]).toEqual([0, 0]);
    expect(store.waiting("append")).toBe(1);
    store.release("append");
    await ann?.settle();
    expect([...(ann?.acked.keys() ?? [])]).toEqual(Array.from({ length: 500 }, (_, at) => at + 1));
    await bob?.reach(500);
    expect(bob?.text).toBe("x".repeat(500));
  });

  it("lets nobody write over HTTP while more is on its way than may be, and reading goes on", async () => {
    const api = new HttpApi(world.address);
    const ann = await JsonClient.join(world.address, { user: "ann" });
    ann.insert(0, "kept");
    await ann.settle();
    const other = await JsonClient.join(world.address, { user: "ann", document: "other" });
    other.insert(0, "read");
    await other.settle();
    store.hold("append");
    ann.insert(4, "x".repeat(2_000));
    await ann.roundTrip();
    const refused = await api.post("/restore?user_id=bob", { version: "4" });
    expect([refused.status, refused.body.code]).toEqual([503, "TOO_BUSY"]);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect((await new HttpApi(world.address, "other").get()).body.text).toBe("read");
    store.release("append");
    await ann.settle();
    expect((await api.post("/restore?user_id=bob", { version: "4" })).status).toBe(200);
  });
});
