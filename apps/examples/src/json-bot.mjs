// Puts an arrow wherever somebody types "->", with a WebSocket and JSON alone: no CRDT, and no library of ours.
//   node json-bot.mjs ws://127.0.0.1:8080 minutes
//
// What it says names the version that it has read. The server finds the place in the text as it is by then, so the bot
// need not care who types meanwhile.

import { WebSocket } from "ws";

const [server = "ws://127.0.0.1:8080", document = "minutes"] = process.argv.slice(2);
const socket = new WebSocket(`${server}/documents/${document}`);
const say = (message) => socket.send(JSON.stringify({ user_id: "arrow-bot", doc_id: document, ...message }));

let text = "";
let version = 0;
let unanswered = 0; // Of its own messages: their acks bring in what they became.

socket.on("open", () => say({ type: "join", token: process.env.MOTET_TOKEN }));
socket.on("message", (data) => {
  const message = JSON.parse(data);
  if (message.type === "error") console.error(message.code, message.message);
  if (message.type === "ack" || message.in_reply_to !== undefined) unanswered--;
  if (message.type === "state") text = message.text;
  for (const { type, position, length = 0, text: added = "" } of message.changes ?? []) {
    if (type !== "insert" && type !== "delete") continue;
    text = text.slice(0, position) + added + text.slice(position + length);
  }
  version = message.version ?? version;
  if (unanswered === 0) replaceFirst();
});
socket.on("close", (code, reason) => console.error(`closed: ${code} ${reason}`));

function replaceFirst() {
  const position = text.indexOf("->");
  if (position < 0) return;
  unanswered = 2;
  say({ type: "delete", id: nextId(), version, position, length: 2 });
  say({ type: "insert", id: nextId(), version, position, text: "→" });
}

function nextId() {
  nextId.last = (nextId.last ?? 0) + 1;
  return nextId.last;
}
