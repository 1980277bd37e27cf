import { open } from "node:fs/promises";
import { join } from "node:path";
import type { DocumentKey } from "@motet/document";
import { type MockInstance, vi } from "vitest";
import { Environment } from "../src/environment.js";
import { LmdbDocumentStore, type StoreEvent } from "../src/index.js";
import { keyOf } from "../src/record.js";
import { bytes, crashed, key, named, newFolder, withRawDatabase } from "./support.js";

export const [novel, essay] = [named("novel"), named("essay")];
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A store, its folder, and what may happen to both. Restore all mocks behind it. */
export class StoreWorld {
  folder = "";
  store!: LmdbDocumentStore;
  events: StoreEvent[] = [];
  readonly #timers: MockInstance<typeof setTimeout> = vi.spyOn(globalThis, "setTimeout");

  /** With an entry in `essay`: from now on there is a journal. */
  static async begun(): Promise<StoreWorld> {
    const world = new StoreWorld();
    await world.openIn(await newFolder());
    await world.store.append(essay, key("first"), bytes(1));
    return world;
  }

  async openIn(folder: string): Promise<void> {
    this.folder = folder;
    this.events = [];
    this.store = await LmdbDocumentStore.open({ folder, observe: (event) => this.events.push(event) });
  }

  /** Goes on with what this process would leave if it were killed now. */
  async crash(): Promise<void> {
    const image = await crashed(this.folder);
    await this.store.close();
    await this.openIn(image);
  }

  async namesOf(id: DocumentKey): Promise<string[]> {
    return (await this.store.load(id)).map((entry) => entry.key);
  }

  /** Whether the database of the folder, whose store must be closed, has it. */
  isStored(id: DocumentKey, place: number, name: string): Promise<boolean> {
    return withRawDatabase(
      this.folder,
      (database) => database.get(keyOf(id, place, key(name))) !== undefined,
    );
  }

  /** What the store wants to have done when time has passed since the last write. */
  timePasses(): void {
    const [later] = this.#timers.mock.calls.findLast(([, delayMs]) => delayMs === 2_000)!;
    later();
  }

  /** Has the database's next commit fail. */
  failsNext(code: number): void {
    vi.spyOn(Environment.prototype, "commit").mockRejectedValueOnce(
      Object.assign(new Error("commit"), { code }),
    );
  }

  /** Lets the next records reach the file, one for each of `ends`, and then end as that does. */
  async endAs(...ends: (() => Promise<void>)[]): Promise<void> {
    const file = await open(join(this.folder, "journal"), "r");
    const prototype = Object.getPrototypeOf(file) as typeof file;
    await file.close();
    const { write } = prototype;
    for (const end of ends) {
      vi.spyOn(prototype, "write").mockImplementationOnce(async function (this: unknown, ...args: never[]) {
        const result = await (write as (...args: never[]) => Promise<unknown>).apply(this, args);
        await end();
        return result;
      } as never);
    }
  }
}

/** The end of a write that the system says has failed. */
export const failure = (code: number) => (): Promise<never> =>
  Promise.reject(Object.assign(new Error("write"), { errno: -code }));
