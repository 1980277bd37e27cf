import { type ItemId, runsOf, type VersionVector } from "@motet/crdt-core";
import type { Credit, Credited, Credits } from "./credits.js";
import { Deletions } from "./deletions.js";
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
  const fates = new Fates(document, credits, [from, to]);
  const steps = new StepList();
  for (const run of runsOf(document.content)) {
    for (const { id, text, kind } of piecesOf(run, (one) => fates.of(one))) {
      const { by, inserted } = kind;
      const [was, is] = [isVisible(id, by, from), isVisible(id, by, to)];
      if (was && is) steps.retain(text.length);
      else if (is) steps.change("insert", text, from.includes(id) ? credits.of(reviver(by, from)) : inserted);
      else if (was) steps.change("delete", text, remover(by, to, credits) ?? inserted);
    }
  }
  return steps.finish();
}

/** What became of a character and of those behind it up to the seq `to`: made and deleted by the same, at the same time. */
interface Fate {
  readonly to: number;
  readonly inserted: Credit;
  /** Its deletions. */
  readonly by: readonly ItemId[];
}

/** What became of each character, as far as two versions tell it apart. */
class Fates {
  readonly #deletions: Deletions;
  readonly #credits: Credits;
  readonly #versions: readonly VersionVector[];

  constructor(document: Document, credits: Credits, versions: readonly VersionVector[]) {
    this.#deletions = new Deletions(document);
    this.#credits = credits;
    this.#versions = versions;
  }

  of(id: ItemId): Fate {
    const { deletions, to } = this.#deletions.of(id);
    const inserted = this.#credits.of(id);
    let steps = this.#stepsAlong(id, 1, inserted);
    for (const deletion of deletions) {
      steps = Math.min(steps, this.#stepsAlong(deletion.id, deletion.step, this.#credits.of(deletion.id)));
    }
    return { to: Math.min(to, id.seq + steps), inserted, by: deletions.map((deletion) => deletion.id) };
  }

  /** How many steps one can go along an operation's ids until its credit changes, or whether a version has seen it. */
  #stepsAlong({ replica, seq }: ItemId, step: 1 | -1, credit: Credited): number {
    let steps = step === 1 ? credit.to - seq : seq - credit.from;
    for (const version of this.#versions) {
      const seen = version.get(replica);
      if (step === 1 && seq <= seen) steps = Math.min(steps, seen - seq);
      if (step === -1 && seq > seen) steps = Math.min(steps, seq - seen - 1);
    }
    return steps;
  }
}

function isVisible(id: ItemId, deletedBy: readonly ItemId[], version: VersionVector): boolean {
  return version.includes(id) && !deletedBy.some((deletion) => version.includes(deletion));
}

// Going back in time a deletion is undone: the credit is the one of the deletion that no longer counts.
function reviver(deletedBy: readonly ItemId[], from: VersionVector): ItemId {
  return deletedBy.find((deletion) => from.includes(deletion))!;
}

// The deletion that arrived first; there is none when one goes back in time to before the insertion.
function remover(deletedBy: readonly ItemId[], to: VersionVector, credits: Credits): Credit | undefined {
  const [first] = deletedBy
    .filter((deletion) => to.includes(deletion))
    .map((deletion) => credits.of(deletion))
    .sort((left, right) => left.atMs - right.atMs);
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
