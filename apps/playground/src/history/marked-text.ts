import type { AuthoredStep } from "./document-api.js";

/** A stretch of a text that somebody put in or took out. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly kind: "inserted" | "deleted";
  readonly userId: string;
  readonly atMs: number;
}

/** A text with everything that was taken out of it, and who did what. */
export interface MarkedText {
  readonly text: string;
  readonly marks: readonly Mark[];
}

/** What `text`, the text after the steps, looks like with what they took out still in it. */
export function markedText(text: string, steps: readonly AuthoredStep[]): MarkedText {
  const marks: Mark[] = [];
  let [all, read] = ["", 0];
  for (const step of steps) {
    if ("retain" in step) {
      all += text.slice(read, read + step.retain);
      read += step.retain;
      continue;
    }
    const isInsertion = "insert" in step;
    const content = isInsertion ? step.insert : step.delete;
    if (isInsertion) read += content.length;
    const kind = isInsertion ? "inserted" : "deleted";
    marks.push({
      from: all.length,
      to: all.length + content.length,
      kind,
      userId: step.user_id,
      atMs: step.at_ms,
    });
    all += content;
  }
  return { text: all + text.slice(read), marks };
}
