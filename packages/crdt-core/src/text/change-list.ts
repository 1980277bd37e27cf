import type { DeltaSource, DeltaStep } from "./delta.js";
import type { ChangeListener, Sequence } from "./sequence.js";

/** Changes noted one by one; beyond, two versions are compared instead, which costs one walk along the text. */
const CHANGES_MAX = 32;

/** What the edits of one update do to the visible text, in the order in which they happen. */
export class ChangeList implements ChangeListener, DeltaSource {
  readonly #sequence: Sequence;
  /** How many changes there were. */
  #count = 0;
  /** The first change: mostly the only one, which then needs no array. */
  #offset = 0;
  #element = 0;
  #length = 0;
  /** The others, as `[offset, first element or -1, count of elements or of units]`. */
  #others: number[] | undefined;

  constructor(sequence: Sequence) {
    this.#sequence = sequence;
  }

  /** Whether there were more changes than are noted. */
  get isFull(): boolean {
    return this.#count > CHANGES_MAX;
  }

  inserted(offset: number, element: number, count: number): void {
    this.#note(offset, element, count);
  }

  deleted(offset: number, units: number): void {
    this.#note(offset, -1, units);
  }

  /** All changes as steps along the text as it was before the first of them. */
  steps(): DeltaStep[] {
    const steps: DeltaStep[] = [];
    const changes = [this.#offset, this.#element, this.#length, ...(this.#others ?? [])];
    for (let at = 0; this.#count > 0 && at < changes.length; at += 3) {
      const [offset, element, count] = changes.slice(at, at + 3);
      const index = splitAt(steps, offset);
      if (element >= 0) steps.splice(index, 0, { insert: textOf(this.#sequence, element, count) });
      else deleteFrom(steps, index, count);
    }
    return steps;
  }

  #note(offset: number, element: number, length: number): void {
    if (this.#count++ === 0) {
      this.#offset = offset;
      this.#element = element;
      this.#length = length;
    } else if (this.#count <= CHANGES_MAX) {
      this.#others ??= [];
      this.#others.push(offset, element, length);
    }
  }
}

/** The text of elements inserted together. Of missing characters, which a later change deletes, only the width counts. */
function textOf({ characters }: Sequence, element: number, count: number): string {
  return characters.isMissing(element) ? " ".repeat(count) : characters.text(element, count);
}

/** Divides the step in which `offset`, counted in the text after `steps`, lies. Returns the index of the second half. */
function splitAt(steps: DeltaStep[], offset: number): number {
  let left = offset;
  for (let index = 0; index < steps.length; index++) {
    const length = lengthAfter(steps[index]);
    if (left === 0 && length > 0) return index;
    if (left < length) {
      steps.splice(index, 1, ...divided(steps[index], left));
      return index + 1;
    }
    left -= length;
  }
  if (left > 0) steps.push({ retain: left });
  return steps.length;
}

/** Takes `units` of the text after `steps` out, from the step at `index` on. */
function deleteFrom(steps: DeltaStep[], index: number, units: number): void {
  let at = index;
  for (let left = units; left > 0; ) {
    if (at === steps.length) steps.push({ retain: left });
    if (lengthAfter(steps[at]) > left) steps.splice(at, 1, ...divided(steps[at], left));
    const step = steps[at];
    left -= lengthAfter(step);
    if ("insert" in step) steps.splice(at, 1);
    else {
      /* v8 ignore next -- What is deleted at once stood side by side: no other deletion lies between. @preserve */
      steps[at++] = "retain" in step ? { delete: step.retain } : step;
    }
  }
}

function lengthAfter(step: DeltaStep): number {
  return "insert" in step ? step.insert.length : "retain" in step ? step.retain : 0;
}

function divided(step: DeltaStep, at: number): DeltaStep[] {
  if ("insert" in step) return [{ insert: step.insert.slice(0, at) }, { insert: step.insert.slice(at) }];
  /* v8 ignore next -- A deletion has no length after it, so nobody divides one. @preserve */
  if ("retain" in step) return [{ retain: at }, { retain: step.retain - at }];
  return [step];
}
