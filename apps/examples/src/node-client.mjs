// Writes each line that you type at the end of a document, and prints what the others do.
//   node node-client.mjs http://127.0.0.1:8080 minutes ann

import { createInterface } from "node:readline";
import { connect } from "@motet/client";

const [server = "http://127.0.0.1:8080", name = "minutes", user = "ann"] = process.argv.slice(2);
const document = connect(server, { document: name, user });

document.on("state", () => console.log(`(${document.state})`));
document.on("problem", (problem) => console.error(problem));
document.on("people", () => console.log(`(here: ${[...document.people.keys()].join(", ")})`));
document.on("change", ({ origin }) => {
  if (origin === "remote") console.log(document.text);
});

for await (const line of createInterface({ input: process.stdin })) {
  document.insert(document.length, `${line}\n`); // At once, whether there is a line or not.
}
await document.whenSaved(); // On the server's disk.
await document.close();
