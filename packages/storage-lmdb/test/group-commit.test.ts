import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FORMAT_KEY, parseFormat } from "../src/format.js";
import { LmdbDocumentStore, type StoreEvent } from "../src/index.js";
import { recover } from "../src/recovery.js";
import { bytes, crashed, key, named, newFolder, withRawDatabase } from "./support.js";

const documents = Array.from({ length: 20 }, (_, at) => named(`document-${at}`));

describe("group commit", () => {
  it("puts the appends of one turn to 20 documents into one record, and what is behind into one transaction", async () => {
    const folder = await newFolder();
    const before = await lastTransaction(folder);
    const store = await LmdbDocumentStore.open({ folder });
    for (let round = 0; round < 5; round++) {
      await Promise.all(documents.map((id) => store.append(id, key(`e${round}`), bytes(round))));
    }
    const image = await crashed(folder);
    await store.close();
    expect((await lastTransaction(folder)) - before).toBe(3); // To open, with the first round, to close.
    const mark = await withRawDatabase(image, (database) => parseFormat(database.get(FORMAT_KEY), image)!);
    expect((await recover(join(image, "journal"), mark)).mark.number).toBe(4);
  });

  it("puts whatever arrives during a commit into the next one", async () => {
    const events: StoreEvent[] = [];
    const store = await LmdbDocumentStore.open({
      folder: await newFolder(),
      observe: (event) => events.push(event),
    });
    const first = store.append(documents[0]!, key("first"), bytes(1));
    await new Promise((resolve) => setImmediate(resolve)); // It is on its way now.
    const others = documents.map((id) => store.append(id, key("second"), bytes(2)));
    await Promise.all([first, ...others]);
    await store.close();
    expect(events).toMatchObject([
      { type: "committed", writes: 1 },
      { type: "committed", writes: 20 },
      { type: "checkpointed", writes: 20 },
    ]);
  });

  it("says how much waits", async () => {
    const store = await LmdbDocumentStore.open({ folder: await newFolder() });
    const waiting = [1, 2].map((n) => store.append(documents[n]!, key("e"), new Uint8Array(1_000).fill(n)));
    expect(store.waiting.writes).toBe(2);
    expect(store.waiting.bytes).toBeGreaterThan(2_000);
    await Promise.all(waiting);
    expect(store.waiting).toEqual({ writes: 0, bytes: 0 });
    await store.close();
  });
});

function lastTransaction(folder: string): Promise<number> {
  return withRawDatabase(folder, (database) => (database.getStats() as { lastTxnId: number }).lastTxnId);
}
