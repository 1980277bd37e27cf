// A list of things to do, in the fields of a document. Each property of a thing is a field of its own, so that one person may
// rename it while another ticks it off or moves it, and nothing of that is lost.
//   node todo-list.mjs http://127.0.0.1:8080 todo
//   then type: add buy milk, tick 1, move 2 1, remove 1

import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { connect } from "@motet/client";

const [server = "http://127.0.0.1:8080", name = "todo"] = process.argv.slice(2);
const list = connect(server, { document: name });

list.on("problem", (problem) => console.error(problem));
await list.whenSynced();
show();
list.on("change", show);

for await (const line of createInterface({ input: process.stdin })) {
  const [, command, rest] = /^(\w+) (.+)$/.exec(line) ?? [];
  const [which, to] = (rest ?? "").split(" ").map((number) => things()[number - 1]);
  if (command === "add")
    put(randomUUID(), { text: rest, isDone: false, place: placeBetween(things().at(-1)) });
  else if (which === undefined)
    console.log("add <text>, tick <number>, move <number> <before number>, remove <number>");
  else if (command === "tick") put(which.id, { isDone: !which.isDone });
  else if (command === "remove") put(which.id, { text: null, isDone: null, place: null });
  else if (command === "move") put(which.id, { place: placeBetween(things()[things().indexOf(to) - 1], to) });
}
await list.whenSaved();
await list.close();

/** What there is to do, in order. What has no place was removed, whatever else somebody has set of it meanwhile. */
function things() {
  const found = new Map();
  for (const [field, value] of list.fields) {
    const [id, property] = field.split(".");
    found.set(id, { ...found.get(id), id, [property]: value });
  }
  const placed = [...found.values()].filter(({ place }) => place !== undefined);
  return placed.sort((one, other) => one.place - other.place || (one.id < other.id ? -1 : 1));
}

/** Sets properties of a thing, in one step of undo. */
function put(id, properties) {
  const set = ([property, value]) => ({ type: "set_field", field: `${id}.${property}`, value });
  list.apply(...Object.entries(properties).map(set));
}

/** A number between those of two neighbours, of which either may be missing. */
function placeBetween(before, after) {
  if (after === undefined) return (before?.place ?? 0) + 1;
  return ((before?.place ?? after.place - 2) + after.place) / 2;
}

function show() {
  console.log(
    things()
      .map(({ text, isDone }, at) => `${at + 1} [${isDone ? "x" : " "}] ${text}`)
      .join(" | "),
  );
}
