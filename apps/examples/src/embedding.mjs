// Documents in a Node server that is there already: its own pages stay its own.
//   PORT=3000 node embedding.mjs

import { createServer } from "node:http";
import { CallbackAuthenticator, CollaborativeServer } from "@motet/server";

// Yours: sessions, say, in a database.
const sessions = new Map([["ann-has-logged-in", { user: "ann", name: "Ann", rights: "write" }]]);

const motet = new CollaborativeServer({
  authenticator: new CallbackAuthenticator(({ token }) => sessions.get(token)),
});

const http = createServer(async (request, response) => {
  if (request.url !== "/") return response.writeHead(404).end();
  const { text } = await motet.document("welcome").read();
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(`The welcome reads: ${text}\n`);
});

await motet.attach(http); // Takes /documents/... and /api/v1/..., and nothing else.
await motet.document("welcome").create([{ type: "insert", position: 0, text: "hello" }]);

http.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${http.address().port}`);
});

process.once("SIGTERM", async () => {
  http.close();
  await motet.close(); // Everything accepted is stored and acknowledged, and everybody told to come back.
  http.closeAllConnections();
});
