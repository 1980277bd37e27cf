import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { LocalEntry, LocalKey, LocalStore } from "./local-store.js";

interface Schema extends DBSchema {
  entries: {
    key: number;
    value: { readonly bag: string; readonly bytes: Uint8Array };
    indexes: { bag: string };
  };
}

type Database = IDBPDatabase<Schema>;

/**
 * Keeps bags in the browser's IndexedDB. Browsers close databases when they like (Safari in the background, storage
 * cleared, a newer page), after which every transaction fails: the database is then opened again, once for each call.
 */
export class IndexedDbStore implements LocalStore {
  readonly #name: string;
  #database: Promise<Database> | undefined;

  /** @param name Of the database; one serves all documents of an origin. */
  constructor(name = "motet") {
    this.#name = name;
  }

  load(bag: string): Promise<readonly LocalEntry[]> {
    return this.#with(async (database) => {
      const index = database.transaction("entries").store.index("bag");
      const [keys, values] = await Promise.all([index.getAllKeys(bag), index.getAll(bag)]);
      return keys.map((key, at) => ({ key, bytes: values[at]!.bytes }));
    });
  }

  write(bag: string, add: readonly Uint8Array[], remove: readonly LocalKey[]): Promise<readonly LocalKey[]> {
    return this.#with(async (database) => {
      // Strict: an edit made offline must survive the machine, not only the page.
      const { store, done } = database.transaction("entries", "readwrite", { durability: "strict" });
      const removed = remove.map((key) => store.delete(key));
      const added = add.map((bytes) => store.add({ bag, bytes }));
      const [keys] = await Promise.all([Promise.all(added), Promise.all(removed), done]);
      return keys;
    });
  }

  clear(bag: string): Promise<void> {
    return this.#with(async (database) => {
      const { store, done } = database.transaction("entries", "readwrite");
      const keys = await store.index("bag").getAllKeys(bag);
      await Promise.all([...keys.map((key) => store.delete(key)), done]);
    });
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    (await database)?.close();
  }

  /** Every call is one transaction, so doing it again after a database was closed under it repeats nothing. */
  async #with<T>(use: (database: Database) => Promise<T>): Promise<T> {
    try {
      return await use(await this.#open());
    } catch (error) {
      if (!isClosed(error)) throw error;
      this.#database = undefined;
      return use(await this.#open());
    }
  }

  #open(): Promise<Database> {
    this.#database ??= this.#openAnew();
    return this.#database;
  }

  async #openAnew(): Promise<Database> {
    const forget = () => {
      this.#database = undefined;
    };
    try {
      const database: Database = await openDB<Schema>(this.#name, 1, {
        upgrade: (fresh) => {
          fresh.createObjectStore("entries", { autoIncrement: true }).createIndex("bag", "bag");
        },
        terminated: forget,
        blocking: () => {
          forget();
          database.close(); // A newer page wants to upgrade; ours opens it again when it needs it.
        },
      });
      return database;
    } catch (error) {
      forget();
      throw error;
    }
  }
}

function isClosed(error: unknown): boolean {
  return typeof error === "object" && error !== null && Reflect.get(error, "name") === "InvalidStateError";
}
