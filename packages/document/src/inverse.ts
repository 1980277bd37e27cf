import { type ItemId, type OperationRange, runsOf, type VersionVector } from "@motet/crdt-core";
import type { Document } from "./document.js";
import type { DocumentChange } from "./document-change.js";
import type { FieldValue } from "./kinds/field.js";
import type { Operation } from "./operation.js";
import type { Successors } from "./successors.js";

/** Takes something back. */
export type Inverse = (document: Document, successors: Successors, nowMs: number) => Inverted;

/** What taking something back did, and what takes that back. Both empty when nothing was left to be done. */
export interface Inverted {
  readonly changes: readonly DocumentChange[];
  readonly again: readonly Inverse[];
}

/** Characters of the text by their ids, in the order in which they stand. */
interface Characters {
  readonly ids: readonly ItemId[];
  readonly characters: readonly string[];
}

const NOTHING: Inverted = { changes: [], again: [] };

/** Makes an operation, and says what takes it back. @throws as `Document.apply` does. */
export function inverseOf(document: Document, operation: Operation, nowMs: number) {
  const before = document.version;
  const prepared = prepare(document, operation);
  const change = document.apply(operation, nowMs);
  return { change, inverse: change.applied.length === 0 ? [] : [prepared(change, before)] };
}

type Prepared = (change: DocumentChange, before: VersionVector) => Inverse;

/** Reads what the inverse has to know before the operation is made. */
function prepare(document: Document, operation: Operation): Prepared {
  switch (operation.type) {
    case "insert":
      return (change) => removing({ ids: idsOf(change.applied), characters: [...operation.text] });
    case "delete": {
      const characters = [...document.text.slice(operation.position, operation.position + operation.length)];
      return (_, before) => inserting({ ids: deletedSince(document, before), characters });
    }
    case "set_title":
      return always(settingTitle(operation.title, document.title));
    case "increment_counter":
      return always(counting(operation.counter, -operation.amount));
    case "set_field": {
      const { field, value } = operation;
      return always(settingField(field, value, document.fields.get(field) ?? null));
    }
  }
}

function always(inverse: Inverse): Prepared {
  return () => inverse;
}

function removing(text: Characters): Inverse {
  return (document, successors) => {
    const { change, removed } = document.remove(text.ids.map((id) => successors.of(id)));
    if (change.applied.length === 0) return NOTHING;
    const gone = text.ids.map((_, at) => at).filter((at) => removed[at]);
    const ids = gone.map((at) => text.ids[at]!);
    return {
      changes: [change],
      again: [inserting({ ids, characters: gone.map((at) => text.characters[at]!) })],
    };
  };
}

// Each behind its own tombstone, so that what is undone piece by piece comes back in the order in which it stood.
function inserting(text: Characters): Inverse {
  return (document, successors) => {
    const tombstones = text.ids.map((id) => successors.of(id));
    const changes = neighbours(document, tombstones).map(([from, to]) => {
      const change = document.insertAfter(tombstones[to - 1]!, text.characters.slice(from, to).join(""));
      idsOf(change.applied).forEach((id, at) => {
        successors.set(tombstones[from + at]!, id);
      });
      return change;
    });
    return { changes, again: [removing(text)] };
  };
}

/** Cuts `ids`, which stand in the order of the text, into stretches [from, to) between which nothing else stands, not even a tombstone. */
function neighbours(document: Document, ids: readonly ItemId[]): (readonly [from: number, to: number])[] {
  const stretches: [number, number][] = [];
  let [found, followed] = [0, false];
  for (const { id, length } of runsOf(document.content)) {
    for (let seq = id.seq; seq < id.seq + length; seq++) {
      const next = ids[found];
      const isNext = next?.seq === seq && next.replica === id.replica;
      if (isNext && followed) stretches.at(-1)![1]++;
      else if (isNext) stretches.push([found, found + 1]);
      if (isNext) found++;
      followed = isNext;
    }
  }
  return stretches;
}

// Only while it is one's own title that stands there: what somebody else wrote since is theirs.
function settingTitle(own: string, before: string): Inverse {
  return (document, _, nowMs) => {
    if (document.title !== own) return NOTHING;
    const change = document.apply({ type: "set_title", title: before }, nowMs);
    return { changes: [change], again: [settingTitle(before, own)] };
  };
}

function settingField(field: string, own: FieldValue, before: FieldValue): Inverse {
  return (document, _, nowMs) => {
    if ((document.fields.get(field) ?? null) !== own) return NOTHING;
    const change = document.apply({ type: "set_field", field, value: before }, nowMs);
    return { changes: [change], again: [settingField(field, before, own)] };
  };
}

function counting(counter: string, amount: number): Inverse {
  return (document, _, nowMs) => {
    const change = document.apply({ type: "increment_counter", counter, amount }, nowMs);
    return { changes: [change], again: [counting(counter, -amount)] };
  };
}

function idsOf(ranges: readonly OperationRange[]): ItemId[] {
  return ranges.flatMap(({ replica, from, to }) =>
    Array.from({ length: to - from + 1 }, (_, step) => ({ replica, seq: from + step })),
  );
}

/** The elements that were deleted here since `before`, in the order of the text. */
function deletedSince(document: Document, before: VersionVector): ItemId[] {
  return document.operations(before).flatMap(({ length, operation }) => {
    if (operation.type !== "delete") return [];
    const { target, direction } = operation;
    return Array.from({ length }, (_, step) => ({
      replica: target.replica,
      seq: target.seq + step * direction,
    }));
  });
}
