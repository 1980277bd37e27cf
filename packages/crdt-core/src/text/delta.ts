import { CrdtError } from "../errors.js";

/** One step along a text, in UTF-16 units: keep some, put something in, or take some out. */
export type DeltaStep =
  | { readonly retain: number }
  | { readonly insert: string }
  | { readonly delete: number };

/** What makes the steps of a delta, asked when they are first read. */
export interface DeltaSource {
  steps(): Iterable<DeltaStep>;
}

/**
 * How a text changed, from its start to its last change; what follows is kept. Between two retains stands at most one
 * insert, then at most one delete.
 */
export class TextDelta {
  #steps: readonly DeltaStep[] | undefined;
  #source: DeltaSource | undefined;

  /**
   * @param source The steps from the start of the text, in which neighbours of one kind are joined; or what makes
   * them, asked when they are first read.
   */
  constructor(source: Iterable<DeltaStep> | DeltaSource = []) {
    this.#steps = undefined;
    this.#source = undefined;
    if ("steps" in source) this.#source = source;
    else this.#steps = normalized(source);
  }

  /** The steps, in order. */
  get steps(): readonly DeltaStep[] {
    this.#steps ??= normalized(this.#source!.steps());
    this.#source = undefined;
    return this.#steps;
  }

  /** Whether nothing changed. */
  get isEmpty(): boolean {
    return this.steps.length === 0;
  }

  /**
   * The text after the change, of the `text` before it.
   * @throws {CrdtError} `OUT_OF_RANGE` when `text` is too short to be it.
   */
  applyTo(text: string): string {
    let result = "";
    let at = 0;
    for (const step of this.steps) {
      if ("insert" in step) result += step.insert;
      else if ("delete" in step) at += step.delete;
      else {
        result += text.slice(at, at + step.retain);
        at += step.retain;
      }
    }
    if (at > text.length) throw new CrdtError("OUT_OF_RANGE", "text too short");
    return result + text.slice(at);
  }
}

function normalized(steps: Iterable<DeltaStep>): DeltaStep[] {
  const result: DeltaStep[] = [];
  let [retained, inserted, deleted] = [0, "", 0];
  const flush = () => {
    if (retained > 0) result.push({ retain: retained });
    if (inserted !== "") result.push({ insert: inserted });
    if (deleted > 0) result.push({ delete: deleted });
    [retained, inserted, deleted] = [0, "", 0];
  };
  for (const step of steps) {
    if ("insert" in step) inserted += step.insert;
    else if ("delete" in step) deleted += step.delete;
    else if (step.retain > 0) {
      if (inserted !== "" || deleted > 0) flush();
      retained += step.retain;
    }
  }
  if (inserted !== "" || deleted > 0) flush();
  return result;
}
