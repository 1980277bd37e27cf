import { type ItemId, runsOf, type VersionVector } from "@motet/crdt-core";
import type { Credit, Credits } from "./credits.js";
import { type Deletion, Deletions } from "./deletions.js";
import type { Document } from "./document.js";
import { piecesOf } from "./run-pieces.js";

/** One step along the older text: keep so many UTF-16 code units, put something in, or take something out; and who did. */
export type AuthoredStep =
  | { readonly retain: number }
  | ({ readonly insert: string } & Credit)
  | ({ readonly delete: string } & Credit);

/** How the text got from one state to another, with the author of each piece. Cost: O(runs + operations). */
export function authoredDiff(
  document: Document,
  credits: Credits,
  from: VersionVector,
  to: VersionVector,
): readonly AuthoredStep[] {
  const deletions = new Deletions(document);
  const steps = new StepList();
  for (const run of runsOf(document.content)) {
    for (const { id, text } of piecesOf(run, endOfKind(deletions, credits, [from, to]))) {
      const by = deletions.of(id).deletions.map((deletion) => deletion.id);
      const [was, is] = [isVisible(id, by, from), isVisible(id, by, to)];
      if (was && is) steps.retain(text.length);
      else if (is) steps.change("insert", text, credits.of(from.includes(id) ? reviver(by, from) : id));
      else if (was) steps.change("delete", text, credits.of(remover(id, by, to, credits)));
    }
  }
  return steps.finish();
}

/** Up to which seq characters are alike: inserted and deleted by the same, at the same time, and seen by the same versions. */
function endOfKind(
  deletions: Deletions,
  credits: Credits,
  versions: readonly VersionVector[],
): (id: ItemId) => number {
  return (id) => {
    const { deletions: by, to } = deletions.of(id);
    const along = [{ id, step: 1 as const }, ...by].map((one) => stepsAlong(one, credits, versions));
    return Math.min(to, id.seq + Math.min(...along));
  };
}

/** How many steps one can go along an operation's ids until its credit changes, or whether a version has seen it. */
function stepsAlong({ id, step }: Deletion, credits: Credits, versions: readonly VersionVector[]): number {
  const credit = credits.of(id);
  let steps = step === 1 ? credit.to - id.seq : id.seq - credit.from;
  for (const version of versions) {
    const seen = version.get(id.replica);
    if (step === 1 && id.seq <= seen) steps = Math.min(steps, seen - id.seq);
    if (step === -1 && id.seq > seen) steps = Math.min(steps, id.seq - seen - 1);
  }
  return steps;
}

function isVisible(id: ItemId, deletedBy: readonly ItemId[], version: VersionVector): boolean {
  return version.includes(id) && !deletedBy.some((deletion) => version.includes(deletion));
}

// Going back in time a deletion is undone: the credit is the one of the deletion that no longer counts.
function reviver(deletedBy: readonly ItemId[], from: VersionVector): ItemId {
  return deletedBy.find((deletion) => from.includes(deletion))!;
}

// The deletion that arrived first; going back in time, the insertion that no longer counts.
function remover(id: ItemId, deletedBy: readonly ItemId[], to: VersionVector, credits: Credits): ItemId {
  const [first = id] = deletedBy
    .filter((deletion) => to.includes(deletion))
    .sort((left, right) => credits.of(left).atMs - credits.of(right).atMs);
  return first;
}

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
