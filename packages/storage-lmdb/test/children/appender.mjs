// Appends one entry after another, of different sizes, and says what became of each: "<key> ok" or "<key> <code>".
// At the end: what the store says of itself, and how many entries and documents it can still read.
import { writeSync } from "node:fs";
import { LmdbDocumentStore } from "@motet/storage-lmdb";

const say = (line) => writeSync(1, `${line}\n`);
const [folder, document] = process.argv.slice(2);
const store = await LmdbDocumentStore.open({ folder }).catch((error) => {
  say(`open ${error.code}`);
  process.exit(0);
});
for (let n = 0; n < 12; n += 2) await Promise.all([append(n), append(n + 1)]);
say(`state ${store.state}`);
await count("read", store.load(document));
await count("list", store.list({ limit: 10 }));
await store.close();
say("closed");

function count(name, reading) {
  return reading.then(
    (found) => say(`${name} ${found.length}`),
    (error) => say(`${name} ${error.code}`),
  );
}

async function append(n) {
  const bytes = new Uint8Array(n % 3 === 0 ? 20_000 : 10).fill(n + 1);
  await store.append(document, `entry-${n}`, bytes).then(
    () => say(`entry-${n} ok`),
    (error) => say(`entry-${n} ${error.code}`),
  );
}
