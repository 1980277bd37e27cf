import { type ItemId, type ReplicaId, type TextItem, VersionVector } from "@motet/crdt-core";
import type { Credit, Credits } from "./credits.js";
import type { Document } from "./document.js";

/** One step along the older text: keep so many UTF-16 code units, put something in, or take something out; and who did. */
export type AuthoredStep =
  | { readonly retain: number }
  | ({ readonly insert: string } & Credit)
  | ({ readonly delete: string } & Credit);

/** How the text got from one state to another, with the author of each piece. Cost: O(elements + operations). */
export function authoredDiff(
  document: Document,
  credits: Credits,
  from: VersionVector,
  to: VersionVector,
): readonly AuthoredStep[] {
  const deletions = deletionsOf(document);
  const steps = new StepList();
  for (const item of document.content.items()) {
    const by = deletions(item.id);
    const [was, is] = [isVisible(item, by, from), isVisible(item, by, to)];
    if (was && is) steps.retain(item.character.length);
    else if (is)
      steps.change(
        "insert",
        item.character,
        credits.of(from.includes(item.id) ? reviver(by, from) : item.id),
      );
    else if (was) steps.change("delete", item.character, credits.of(remover(item, by, to, credits)));
  }
  return steps.finish();
}

function isVisible({ id }: TextItem, deletedBy: readonly ItemId[], version: VersionVector): boolean {
  return version.includes(id) && !deletedBy.some((deletion) => version.includes(deletion));
}

// Going back in time a deletion is undone: the credit is the one of the deletion that no longer counts.
function reviver(deletedBy: readonly ItemId[], from: VersionVector): ItemId {
  return deletedBy.find((deletion) => from.includes(deletion))!;
}

// The deletion that arrived first; going back in time, the insertion that no longer counts.
function remover(
  { id }: TextItem,
  deletedBy: readonly ItemId[],
  to: VersionVector,
  credits: Credits,
): ItemId {
  const [first = id] = deletedBy
    .filter((deletion) => to.includes(deletion))
    .sort((left, right) => credits.of(left).atMs - credits.of(right).atMs);
  return first;
}

/** For each element the deletions that name it. */
function deletionsOf(document: Document): (id: ItemId) => readonly ItemId[] {
  const byElement = new Map<ReplicaId, Map<number, ItemId[]>>();
  for (const { id, length, operation } of document.operations(new VersionVector())) {
    if (operation.type !== "delete") continue;
    const { target, direction } = operation;
    const ofReplica = byElement.get(target.replica) ?? new Map<number, ItemId[]>();
    byElement.set(target.replica, ofReplica);
    for (let step = 0; step < length; step++) {
      const seq = target.seq + step * direction;
      const deletion = { replica: id.replica, seq: id.seq + step };
      ofReplica.set(seq, [...(ofReplica.get(seq) ?? []), deletion]);
    }
  }
  return ({ replica, seq }) => byElement.get(replica)?.get(seq) ?? NONE;
}

const NONE: readonly ItemId[] = [];

/** Steps as they come, neighbours of one kind and one credit joined; what is kept at the end is left out. */
class StepList {
  readonly #steps: AuthoredStep[] = [];
  #retained = 0;

  retain(units: number): void {
    this.#retained += units;
  }

  change(kind: "insert" | "delete", text: string, { user, atMs }: Credit): void {
    if (this.#retained > 0) this.#steps.push({ retain: this.#retained });
    this.#retained = 0;
    const last = this.#steps.at(-1);
    const joins =
      last !== undefined && kind in last && "user" in last && last.user === user && last.atMs === atMs;
    const before = joins ? textOf(last) : "";
    if (joins) this.#steps.pop();
    const credit = { user, atMs };
    this.#steps.push(
      kind === "insert" ? { insert: before + text, ...credit } : { delete: before + text, ...credit },
    );
  }

  finish(): readonly AuthoredStep[] {
    return this.#steps;
  }
}

function textOf(step: AuthoredStep): string {
  if ("insert" in step) return step.insert;
  return "delete" in step ? step.delete : "";
}
