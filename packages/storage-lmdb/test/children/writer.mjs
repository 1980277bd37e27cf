// Numbers its entries for each document, and compacts often. Says what the store has acknowledged: "<document> <number>".
// Goes on where the folder ends, until it is killed. Some entries are large, so that the database takes over often what is behind.
import { writeSync } from "node:fs";
import { LmdbDocumentStore } from "@motet/storage-lmdb";

const [folder, documents] = [process.argv[2], process.argv[3].split(",")];
const store = await LmdbDocumentStore.open({ folder });
await Promise.all(documents.map(write));

async function write(document) {
  const entries = (await store.load(document)).map(({ key, bytes }) => ({ key, numbers: numbersOf(bytes) }));
  let last = Math.max(0, ...entries.flatMap((entry) => entry.numbers));
  for (;;) {
    await Promise.all([append(), append(), append()]);
    await Promise.all([append(), compact(), append()]);
  }

  async function append() {
    const number = ++last;
    const entry = { key: `n-${number}`, numbers: [number] };
    entries.push(entry);
    await store.append(document, entry.key, bytesOf(entry.numbers));
    writeSync(1, `${document} ${number}\n`);
  }

  async function compact() {
    const covered = entries.splice(0);
    const entry = { key: `s-${last}`, numbers: covered.flatMap((one) => one.numbers) };
    entries.push(entry);
    const names = covered.map((one) => one.key);
    if (!names.includes(entry.key)) await store.replace(document, names, entry.key, bytesOf(entry.numbers));
  }
}

/** The numbers, and zeros behind them. */
function bytesOf(numbers) {
  const zeros = numbers.at(-1) % 4 === 0 ? 10_000 : 0;
  return new Uint8Array(new Uint32Array([...numbers, ...Array(zeros).fill(0)]).buffer);
}

function numbersOf(bytes) {
  return [...new Uint32Array(bytes.slice().buffer)].filter((number) => number > 0);
}
