// Makes a Motet document of a Y.Text.
//   node import-yjs.mjs <file> <name of the Y.Text> <server> <document> [title]
//
// The file holds an update of Yjs, as `Y.encodeStateAsUpdate(doc)` gives it and most of its servers store it. The text
// comes over; what was said of it (bold, links, ...) and what is embedded in it does not, and is counted.
// MOTET_TOKEN is shown to a server that asks who you are.

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as Y from "yjs";

/** So many characters fit into one request whatever they are. */
const PIECE_UNITS = 8_000;

const [file, name, server, document, title = ""] = process.argv.slice(2);
if (document === undefined) {
  console.error("usage: node import-yjs.mjs <file> <name of the Y.Text> <server> <document> [title]");
  process.exit(2);
}

const { text, lost } = readText(await readFile(file), name);
const [first = "", ...rest] = piecesOf(text);
let { version } = await post("", { doc_id: document, title, text: first });
let position = first.length;
for (const piece of rest) {
  // Positions count in the version that is named: whoever types meanwhile does not shift them.
  const operations = [{ type: "insert", position, text: piece }];
  ({ version } = await post(`/${document}/operations`, { version: String(version), operations }));
  position += piece.length;
}
console.log(`${document}: ${text.length} characters, ${lost} formats and embedded objects left behind`);

function readText(update, name) {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  if (!doc.share.has(name))
    throw new Error(`no "${name}" in it, but ${[...doc.share.keys()].join(", ") || "nothing"}`);
  const pieces = doc.getText(name).toDelta();
  const isText = ({ insert }) => typeof insert === "string";
  return {
    text: pieces
      .filter(isText)
      .map(({ insert }) => insert)
      .join("")
      .toWellFormed(),
    lost: pieces.filter((piece) => !isText(piece) || piece.attributes !== undefined).length,
  };
}

/** The text in pieces that begin and end with whole characters. */
function piecesOf(text) {
  const pieces = [];
  for (let from = 0; from < text.length; from += pieces.at(-1).length) {
    const piece = text.slice(from, from + PIECE_UNITS);
    pieces.push(piece.isWellFormed() ? piece : piece.slice(0, -1));
  }
  return pieces;
}

/** The same request may be made again: with one key it is carried out once. */
async function post(path, body, key = randomUUID(), attempts = 5) {
  const token = process.env.MOTET_TOKEN;
  const response = await fetch(`${server}/api/v1/documents${path}${token ? "" : "?user_id=importer"}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "idempotency-key": key,
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (response.status === 503 && attempts > 1) {
    const seconds = Number(response.headers.get("retry-after") ?? 1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    return post(path, body, key, attempts - 1);
  }
  if (!response.ok) throw new Error(`the server said ${response.status}: ${await response.text()}`);
  return response.json();
}
