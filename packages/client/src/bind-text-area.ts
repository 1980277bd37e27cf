import type { Side, TextDelta } from "@motet/crdt-core";
import type { Operation } from "@motet/document";
import { startOfCharacter, wholeCharacters } from "./characters.js";
import { ClientError } from "./errors.js";
import type { Unsubscribe } from "./events.js";
import { endOf, offsetAfter } from "./offset-after.js";
import type { RemoteDocument } from "./remote-document.js";
import type { ChangeOrigin } from "./remote-document-events.js";
import { ShownText } from "./shown-text.js";
import { changedStretch } from "./text-difference.js";

/** A text area, where there is a page: on Node alone, whose types know of none, nothing is one. */
export type TextArea = typeof globalThis extends {
  HTMLTextAreaElement: { prototype: infer Element };
}
  ? Element
  : never;

/**
 * Shows a document in a text area, and takes what is typed there to the document: for pages without an editor. The caret
 * stays with its characters, the keys for undo and redo go to the document, and who may only read cannot type.
 * Cost: O(length) for each change.
 * @returns ends that, and leaves the text area as it is.
 */
export function bindTextArea(element: TextArea, document: RemoteDocument): Unsubscribe {
  const binding = new TextAreaBinding(element, document);
  return () => binding.end();
}

/** What each event of a text area is answered with. */
type Answers = { readonly [Type in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Type]) => void };

class TextAreaBinding {
  readonly #element: HTMLTextAreaElement;
  readonly #document: RemoteDocument;
  readonly #wasReadOnly: boolean;
  readonly #stops: Unsubscribe[];
  /** What the text area shows, but for what its user has just done to it. */
  #shown: ShownText;
  #isWriting = false;
  #isComposing = false;
  /** What was changed elsewhere while a character is being composed: showing it would break that off. */
  #held: TextDelta[] = [];

  constructor(element: HTMLTextAreaElement, document: RemoteDocument) {
    this.#element = element;
    this.#document = document;
    this.#wasReadOnly = element.readOnly;
    this.#shown = new ShownText(document.text);
    this.#stops = [...this.#hear(), ...this.#listen()];
    this.#setRights();
    this.#render(0, 0);
  }

  end(): void {
    for (const stop of this.#stops) stop();
    this.#element.readOnly = this.#wasReadOnly;
  }

  #hear(): Unsubscribe[] {
    return [
      this.#document.on("change", ({ change, origin }) => this.#changed(change.text, origin)),
      this.#document.on("session", () => this.#setRights()),
      this.#document.on("state", () => this.#setRights()),
    ];
  }

  #listen(): Unsubscribe[] {
    const answers: Answers = {
      input: () => this.#read(),
      compositionstart: () => {
        this.#isComposing = true;
      },
      compositionend: () => {
        this.#isComposing = false;
        this.#read();
      },
      keydown: (event) => this.#take(event, stepOfKey(event)),
      beforeinput: (event) => this.#take(event, stepOfInput(event)),
      select: () => this.#select(),
      focus: () => this.#select(),
    };
    const page = this.#element.ownerDocument;
    const stops = Object.entries(answers).map(([type, answer]) => listen(this.#element, type, answer));
    return [...stops, listen(page, "selectionchange", () => this.#select())];
  }

  #setRights(): void {
    this.#element.readOnly = this.#document.isReadOnly;
  }

  /** Takes what the user did to the document, and shows what that became. */
  #read(): void {
    if (this.#isComposing) return;
    const { value, selectionEnd } = this.#element;
    const { at, removed, added } = changedStretch(this.#shown.value, value, selectionEnd);
    const text = wholeCharacters(added);
    const from = this.#now(this.#shown.real(at), "right");
    const to = Math.max(from, this.#now(this.#shown.real(at + removed), "left"));
    this.#held = [];
    try {
      this.#write(from, to - from, text);
    } finally {
      this.#render(from + text.length, from + text.length);
    }
    this.#select();
  }

  /** Where an offset of what was shown is after what was held. */
  #now(offset: number, side: Side): number {
    return this.#held.reduce((at, delta) => offsetAfter(delta, at, side), offset);
  }

  #write(position: number, length: number, text: string): void {
    const operations: Operation[] = [];
    if (length > 0) operations.push({ type: "delete", position, length });
    if (text !== "") operations.push({ type: "insert", position, text });
    if (operations.length > 0) this.#attempt(() => this.#document.apply(...operations));
  }

  /** What the document refuses (it is closed, too much is unsaved) is taken out of the text area again. */
  #attempt(write: () => void): void {
    this.#isWriting = true;
    try {
      write();
    } catch (error) {
      if (!isRefusal(error)) throw error;
    } finally {
      this.#isWriting = false;
    }
  }

  #changed(delta: TextDelta, origin: ChangeOrigin): void {
    if (this.#isWriting || delta.isEmpty) return;
    if (this.#isComposing) this.#held.push(delta);
    else if (origin === "local") this.#showEnd(delta);
    else {
      const { start, end } = this.#selection();
      const side = start === end ? "left" : "right";
      this.#render(offsetAfter(delta, start, side), offsetAfter(delta, end, "left"));
    }
  }

  /** The caret goes to where something was undone, also by the last of several changes that are shown already. */
  #showEnd(delta: TextDelta): void {
    const end = endOf(delta);
    this.#render(end, end);
    this.#element.setSelectionRange(this.#shown.shown(end), this.#shown.shown(end));
  }

  #render(start: number, end: number): void {
    this.#shown = new ShownText(this.#document.text);
    const element = this.#element;
    if (element.value === this.#shown.value) return;
    const { scrollTop, selectionDirection } = element;
    element.value = this.#shown.value;
    element.setSelectionRange(this.#shown.shown(start), this.#shown.shown(end), selectionDirection);
    element.scrollTop = scrollTop;
  }

  #selection(): { readonly start: number; readonly end: number } {
    const { selectionStart, selectionEnd } = this.#element;
    const place = (offset: number) => startOfCharacter(this.#shown.text, this.#shown.real(offset));
    return { start: place(selectionStart), end: place(selectionEnd) };
  }

  #select(): void {
    if (this.#isComposing || !this.#element.matches(":focus")) return;
    const { start, end } = this.#selection();
    const isBackward = this.#element.selectionDirection === "backward";
    this.#document.setSelection(isBackward ? { anchor: end, head: start } : { anchor: start, head: end });
  }

  /** Undo and redo are the document's: the browser's would bring back what others have changed since. */
  #take(event: Event, step: "undo" | "redo" | undefined): void {
    if (step === undefined) return;
    event.preventDefault();
    try {
      if (this.#document.canUndo[step]) this.#document[step]();
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
}

function stepOfKey({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent): "undo" | "redo" | undefined {
  if (ctrlKey === metaKey || altKey) return undefined;
  if (key.toLowerCase() === "z") return shiftKey ? "redo" : "undo";
  return key.toLowerCase() === "y" && !shiftKey ? "redo" : undefined;
}

function stepOfInput({ inputType }: InputEvent): "undo" | "redo" | undefined {
  if (inputType === "historyUndo") return "undo";
  return inputType === "historyRedo" ? "redo" : undefined;
}

function listen(target: EventTarget, type: string, answer: (event: never) => void): Unsubscribe {
  target.addEventListener(type, answer as EventListener);
  return () => target.removeEventListener(type, answer as EventListener);
}

function isRefusal(error: unknown): boolean {
  return error instanceof ClientError;
}
