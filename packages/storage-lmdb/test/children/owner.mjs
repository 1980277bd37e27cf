// Opens the folder, says so, and keeps it until standard input ends or the process is killed.
import { writeSync } from "node:fs";
import { LmdbDocumentStore } from "@motet/storage-lmdb";

const store = await LmdbDocumentStore.open({ folder: process.argv[2] }).catch((error) => {
  writeSync(1, `${error.code}\n`);
  process.exit(1);
});
writeSync(1, "open\n");
process.stdin.resume();
process.stdin.once("end", () => store.close());
