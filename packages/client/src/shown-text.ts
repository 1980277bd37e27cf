/**
 * A text as a text area shows it: every `\r\n` and `\r` is a `\n`, whatever the document holds. Offsets go both ways; in a
 * text without `\r` that is free.
 */
export class ShownText {
  /** What the document holds. */
  readonly text: string;
  /** What is shown. */
  readonly value: string;

  constructor(text: string) {
    this.text = text;
    this.value = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  }

  /** Where an offset of the document is shown. */
  shown(offset: number): number {
    if (this.text.length === this.value.length) return offset;
    return offset - pairsIn(this.text.slice(0, offset));
  }

  /** Where a shown offset is in the document. */
  real(offset: number): number {
    let at = offset;
    if (this.text.length === this.value.length) return at;
    for (let pair = this.text.indexOf("\r\n"); pair !== -1 && pair < at; at++) {
      pair = this.text.indexOf("\r\n", pair + 2);
    }
    return at;
  }
}

function pairsIn(text: string): number {
  return text.split("\r\n").length - 1;
}
