// A store of your own: one file of JSON for each document, `<folder>/<tenant>/<document>.json`.
//
// It passes `documentStoreSuite` of @motet/document/testing, so a server may keep its documents here. Each write puts a
// whole new file in the place of the old one, which is easy to get right, and slow for large documents: a store for
// many of them appends.

import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DocumentError, isTombstone } from "@motet/document";

export class FileDocumentStore {
  #folder;
  /** The last call for each document, done or under way: calls on one document take effect one after the other. */
  #lastCalls = new Map();
  #isClosed = false;

  constructor(folder) {
    this.#folder = folder;
  }

  load(id, after = 0) {
    return this.#inTurn(id, async (file) => (await read(file)).filter(({ place }) => place > after));
  }

  append(id, key, bytes) {
    return this.#inTurn(id, async (file) => {
      mustBe(bytes.length > 0, "MALFORMED", "an entry holds at least one byte");
      const entries = await read(file);
      const known = entries.find((entry) => entry.key === key);
      if (known !== undefined) return { place: known.place, fresh: false }; // A repeated call.
      const place = (entries.at(-1)?.place ?? 0) + 1;
      await write(file, [...entries, { key, place, bytes }]);
      return { place, fresh: true };
    });
  }

  replace(id, covered, key, bytes) {
    return this.#inTurn(id, async (file) => {
      const gone = new Set(covered);
      const isWell = bytes.length > 0 && gone.size > 0 && gone.size === covered.length;
      mustBe(isWell, "MALFORMED", "at least one byte covers at least one entry, and each once");
      const entries = await read(file);
      const known = entries.find((entry) => entry.key === key);
      if (known !== undefined) return known.place;
      const found = entries.filter((entry) => gone.has(entry.key));
      mustBe(found.length === gone.size, "FENCED", "an entry that was to be replaced is gone");
      const { place } = found.at(-1);
      const kept = entries.filter((entry) => !gone.has(entry.key));
      await write(
        file,
        [...kept, { key, place, bytes }].sort((left, right) => left.place - right.place),
      );
      return place;
    });
  }

  async list({ tenant, after = "", limit }) {
    mustBe(!this.#isClosed, "CLOSED", "the store is closed");
    const isCount = Number.isInteger(limit) && limit >= 1 && limit <= 10_000;
    mustBe(isCount, "MALFORMED", "a page holds 1 to 10,000 documents");
    const page = [];
    for (const id of await this.#everyId(tenant)) {
      if (page.length === limit) break;
      if (id > after && (await this.load(id)).some(({ key }) => !isTombstone(key))) page.push(id);
    }
    return page;
  }

  delete(id) {
    return this.#inTurn(id, async (file) => {
      await rm(file, { force: true });
      await syncFolder(dirname(file));
    });
  }

  async close() {
    this.#isClosed = true;
    await Promise.all(this.#lastCalls.values());
  }

  #inTurn(id, work) {
    if (this.#isClosed) return Promise.reject(new DocumentError("CLOSED", "the store is closed"));
    const file = join(this.#folder, `${id}.json`); // Ids hold nothing but letters, digits, "_", "-", and the one "/".
    const call = (this.#lastCalls.get(id) ?? Promise.resolve()).then(() => work(file).catch(raise));
    const done = call.then(
      () => {},
      () => {},
    );
    this.#lastCalls.set(id, done);
    done.then(() => this.#lastCalls.get(id) === done && this.#lastCalls.delete(id));
    return call;
  }

  async #everyId(tenant) {
    const tenants = tenant === undefined ? await namesIn(this.#folder) : [tenant];
    const files = await Promise.all(
      tenants.map(async (one) => (await namesIn(join(this.#folder, one))).map((name) => `${one}/${name}`)),
    );
    const ids = files.flat().filter((name) => name.endsWith(".json"));
    return ids.map((name) => name.slice(0, -".json".length)).sort();
  }
}

async function namesIn(folder) {
  return readdir(folder).catch((error) => (error.code === "ENOENT" ? [] : raise(error)));
}

async function read(file) {
  const text = await readFile(file, "utf8").catch((error) => (error.code === "ENOENT" ? "[]" : raise(error)));
  try {
    return JSON.parse(text).map(({ bytes, ...entry }) => ({ ...entry, bytes: Buffer.from(bytes, "base64") }));
  } catch (cause) {
    throw new DocumentError("DAMAGED", `${file} is not what was written`, { cause });
  }
}

/** Once it resolves, all of it would survive a power cut; before, either the old file or the new one does. */
async function write(file, entries) {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  const lines = entries.map(({ bytes, ...entry }) => ({
    ...entry,
    bytes: Buffer.from(bytes).toString("base64"),
  }));
  const handle = await open(`${file}.new`, "w");
  try {
    await handle.writeFile(JSON.stringify(lines));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
  await syncFolder(folder); // The new name,
  await syncFolder(dirname(folder)); // and a tenant's first document.
}

async function syncFolder(path) {
  const handle = await open(path).catch((error) => (error.code === "ENOENT" ? undefined : raise(error)));
  await handle?.sync();
  await handle?.close();
}

function mustBe(condition, code, message) {
  if (!condition) throw new DocumentError(code, message);
}

/** What the disk says, in the words of a store. */
function raise(cause) {
  if (cause instanceof DocumentError) throw cause;
  const code = cause.code === "ENOSPC" || cause.code === "EDQUOT" ? "STORE_FULL" : "STORE_UNAVAILABLE";
  throw new DocumentError(code, cause.message, { cause });
}
