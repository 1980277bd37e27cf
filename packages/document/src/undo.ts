import type { Document } from "./document.js";
import type { DocumentChange } from "./document-change.js";
import { type Inverse, inverseOf } from "./inverse.js";
import type { Operation } from "./operation.js";
import { Successors } from "./successors.js";

/** Operations of one kind made within this time are undone together: half a second, as editors have it. */
const STEP_MS = 500;

/** How many steps back a person can go. */
const STEPS_MAX = 500;

/** What one undo takes back. */
interface UndoStep {
  kind: Operation["type"];
  /** The last one is the first to be taken back. A step that grows with every key pressed only ever pushes. */
  readonly inverses: Inverse[];
  atMs: number;
}

/**
 * Undo and redo for one person at one document: make operations through it, and it can take them back. It takes back only what
 * was made through it, wherever others have moved that meanwhile, and by new operations: a deletion is undone by inserting anew.
 */
export class UndoStack {
  readonly #document: Document;
  /** What was inserted anew counts as what it stands for, in every step that speaks of it. */
  readonly #successors = new Successors();
  #undo: UndoStep[] = [];
  #redo: UndoStep[] = [];
  #closed = true;
  /** Within {@link together}: whether its step has begun. */
  #together: "before" | "begun" | undefined;

  constructor(document: Document) {
    this.#document = document;
  }

  /** Whether there is something to take back. */
  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  /** Whether there is something to do again. */
  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  /** Makes an operation that can be undone; what could be redone is forgotten. @throws as `Document.apply` does. */
  apply(operation: Operation, nowMs: number): DocumentChange {
    const { change, inverse } = inverseOf(this.#document, operation, nowMs);
    this.#redo = [];
    this.#note(operation.type, inverse.toReversed(), nowMs);
    if (this.#undo.length > STEPS_MAX) this.#undo.shift();
    this.#closed = false;
    return change;
  }

  /** Runs `make`, and everything that it applies is one step, of whatever kinds it is, what was made before it threw too. */
  together(make: () => void): void {
    this.#together = "before";
    try {
      make();
    } finally {
      this.#together = undefined;
    }
  }

  /** What is made next is a step of its own, however soon it comes: call it when the caret was moved. */
  endStep(): void {
    this.#closed = true;
  }

  /** Takes the last step back. @returns what changed, one after the other; nothing when there was nothing left of it. */
  undo(nowMs: number): readonly DocumentChange[] {
    return this.#back(this.#undo, this.#redo, nowMs);
  }

  /** Does again what was undone last. @returns as {@link undo}. */
  redo(nowMs: number): readonly DocumentChange[] {
    return this.#back(this.#redo, this.#undo, nowMs);
  }

  #note(kind: Operation["type"], inverses: readonly Inverse[], nowMs: number): void {
    if (inverses.length === 0) return;
    const last = this.#undo.at(-1);
    if (last !== undefined && this.#continues(last, kind, nowMs)) {
      last.inverses.push(...inverses);
      last.kind = kind;
      last.atMs = nowMs;
    } else this.#undo.push({ kind, inverses: [...inverses], atMs: nowMs });
    if (this.#together !== undefined) this.#together = "begun";
  }

  #continues(last: UndoStep, kind: Operation["type"], nowMs: number): boolean {
    if (this.#together === "begun") return true;
    return !this.#closed && last.kind === kind && nowMs - last.atMs < STEP_MS;
  }

  #back(from: UndoStep[], to: UndoStep[], nowMs: number): readonly DocumentChange[] {
    this.#closed = true;
    const step = from.pop();
    if (step === undefined) return [];
    const done = step.inverses
      .toReversed()
      .map((inverse) => inverse(this.#document, this.#successors, nowMs));
    const inverses = done.flatMap(({ again }) => again);
    if (inverses.length > 0) to.push({ ...step, inverses });
    return done.flatMap(({ changes }) => changes);
  }
}
