import { expect, it } from "vitest";
import type { LocalStore } from "../local-store.js";

const bytes = (...values: number[]) => Uint8Array.from(values);

/** Runs the promises of `LocalStore` against what `open` gives: an empty store each time. */
export function localStoreSuite(name: string, open: () => Promise<LocalStore>): void {
  const contents = async (store: LocalStore, bag = "minutes") =>
    (await store.load(bag)).map((entry) => [...entry.bytes]);

  it(`${name} gives back what was written, in order`, async () => {
    const store = await open();
    await store.write("minutes", [bytes(1), bytes(2, 3)], []);
    await store.write("minutes", [bytes()], []);
    expect(await contents(store)).toEqual([[1], [2, 3], []]);
    await store.close();
  });

  it(`${name} has nothing of a bag that never was`, async () => {
    const store = await open();
    expect(await contents(store, "novel")).toEqual([]);
    await store.close();
  });

  it(`${name} puts entries in the place of others, and keeps what another page has written meanwhile`, async () => {
    const store = await open();
    const mine = await store.write("minutes", [bytes(1), bytes(2)], []);
    await store.write("minutes", [bytes(9)], []);
    await store.write("minutes", [bytes(3)], mine);
    expect(await contents(store)).toEqual([[9], [3]]);
    await store.close();
  });

  it(`${name} passes over what is gone already`, async () => {
    const store = await open();
    const [key] = await store.write("minutes", [bytes(1)], []);
    await store.write("minutes", [], [key!]);
    await store.write("minutes", [bytes(2)], [key!]);
    expect(await contents(store)).toEqual([[2]]);
    await store.close();
  });

  it(`${name} keeps bags apart, and forgets one when asked to`, async () => {
    const store = await open();
    await store.write("minutes", [bytes(1)], []);
    await store.write("novel", [bytes(2)], []);
    await store.clear("minutes");
    expect([await contents(store), await contents(store, "novel")]).toEqual([[], [[2]]]);
    await store.close();
  });
}
