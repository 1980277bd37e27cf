/** Motet's server with its durable store, told where to listen and which folder to use. Rates are lifted: one generator is everybody. */

import { CollaborativeServer } from "@motet/server";
import { LmdbDocumentStore } from "@motet/storage-lmdb";

const [, , port, folder] = process.argv;
const store = folder === "memory" ? undefined : await LmdbDocumentStore.open({ folder: folder! });
const server = new CollaborativeServer({
  port: Number(port),
  ...(store && { store }),
  limits: {
    ...{ messagesPerSecond: 1e9, messagesBurst: 1e9, bytesPerSecond: 1e12, bytesBurst: 1e12 },
    ...{ admissionsPerSecond: 1e9, admissionsBurst: 1e9 },
  },
});
await server.listen();
console.log("listening");

process.once("SIGTERM", async () => {
  await server.close();
  await store?.close();
  process.exit(0);
});
