// A reader of updates written from FORMAT.md alone: what takes it one line may take the package a room. It believes what it reads.

/** Each operation of an update in words, in order of replica and seq. Characters that are left out read "?". */
export function operationsIn(bytes: Uint8Array): string[] {
  const input = new Input(bytes);
  const layout = input.u8();
  const { operations } = layout === 0x12 ? new State(input) : new UpdateById(input, layout === 0x11);
  input.end();
  return operations.map(({ id, what }) => `${id} ${what}`);
}

/** The visible text that a state begins with, and every element in order, tombstones included: "ann:1 a". */
export function readState(bytes: Uint8Array): { readonly text: string; readonly order: readonly string[] } {
  const { visible, list } = new State(new Input(bytes.subarray(1)));
  const told = ({ id, isDead, character }: Element) => `${id}${isDead ? " deleted " : " "}${character}`;
  return { text: visible, order: list.map(told) };
}

interface Operation {
  readonly id: string;
  readonly what: string;
}

interface Element {
  readonly id: string;
  readonly left: Element | undefined;
  readonly right: string;
  character: string;
  isDead: boolean;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

class Input {
  #at = 0;
  constructor(readonly bytes: Uint8Array) {}

  get isOver(): boolean {
    return this.#at === this.bytes.length;
  }

  end(): void {
    if (!this.isOver) throw new Error("bytes left over");
  }

  u8(): number {
    if (this.isOver) throw new Error("bytes end early");
    return this.bytes[this.#at++]!;
  }

  varint(): number {
    const byte = this.u8();
    return byte < 128 ? byte : byte - 128 + 128 * this.varint();
  }

  /** The kind and the length of a row. */
  head(): [kind: number, length: number] {
    const head = this.varint();
    return [head % 8, Math.floor(head / 8)];
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  take(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.u8());
  }

  nested(): Input {
    return new Input(this.take(this.varint()));
  }

  points(count: number): string[] {
    return Array.from({ length: count }, () => {
      const lead = this.u8();
      const more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
      return text(Uint8Array.of(lead, ...this.take(more)));
    });
  }

  id(length: number): string {
    const bits = [...this.take(Math.ceil((length * 6) / 8))].map((byte) => byte.toString(2).padStart(8, "0"));
    const sixes = bits.join("").match(/.{6}/g)!.slice(0, length);
    return sixes.map((six) => ALPHABET[Number.parseInt(six, 2)]).join("");
  }

  names(): string[] {
    return Array.from({ length: this.varint() }, () => this.id(this.u8()));
  }
}

class UpdateById {
  readonly operations: Operation[] = [];
  readonly #names: readonly string[];
  #owner = "";
  #seq = 0;
  #right = "";

  constructor(
    readonly input: Input,
    isOwn: boolean,
  ) {
    this.#names = isOwn ? [input.id(11)] : input.names();
    for (let stretches = isOwn ? 1 : input.varint(); stretches > 0; stretches--) {
      this.#owner = this.#names[isOwn ? 0 : input.varint()]!;
      this.#seq = input.varint();
      this.#right = "the same";
      for (let rows = isOwn ? -1 : input.varint(); isOwn ? !input.isOver : rows > 0; rows--) this.#readRow();
    }
  }

  #readRow(): void {
    const [kind, length] = this.input.head();
    if (kind === 5) this.#add(`row ${this.input.varint()}: ${hex(this.input.take(length))}`);
    else if (kind === 3 || kind === 4) this.#readDeletions(length, kind === 3 ? 1 : -1);
    else this.#readInsertions(kind, length);
  }

  #readDeletions(length: number, step: 1 | -1): void {
    const [replica, seq] = this.#reference()!;
    for (let i = 0; i < length; i++) this.#add(`deletes ${replica}:${seq + i * step}`);
  }

  #readInsertions(kind: number, length: number): void {
    const left = kind === 0 ? ([this.#owner, this.#seq - 1] as const) : this.#reference();
    if (kind === 2) this.#right = `${left![0]}:${left![1] + 1}`;
    else if (kind !== 0) this.#right = this.#reference()?.join(":") ?? "end";
    if (kind === 6) this.input.take(Math.max(0, Math.ceil(length / 7) - 3));
    const characters = kind === 6 ? Array<string>(length).fill("?") : this.input.points(length);
    let before = left?.join(":") ?? "start";
    for (const character of characters) before = this.#add(inserts(character, before, this.#right));
  }

  #reference(): readonly [replica: string, seq: number] | undefined {
    const code = this.input.varint();
    if (code === 0) return undefined;
    if (code % 2 === 0) return [this.#owner, this.#seq - code / 2];
    return [this.#names[(code - 1) / 2]!, this.input.varint()];
  }

  #add(what: string): string {
    const id = `${this.#owner}:${this.#seq++}`;
    this.operations.push({ id, what });
    return id;
  }
}

interface Exception {
  readonly sibling?: number;
  readonly right?: number;
}

class State {
  readonly visible: string;
  /** In the order of their numbers, and in that of the document. */
  readonly #elements: Element[] = [];
  readonly list: Element[] = [];
  readonly #names: readonly string[];
  readonly #own: Operation[][];
  readonly #carets: number[];
  readonly #heads: Input;
  readonly #references: Input;
  readonly #exceptions = new Map<number, Exception>();

  constructor(readonly input: Input) {
    const units = input.varint();
    this.visible = text(input.take(input.varint()));
    const elements = input.varint();
    this.#names = input.names();
    this.#own = this.#names.map(() => []);
    this.#carets = this.#names.map(() => -1);
    const lasts = this.#names.map(() => [input.varint(), input.varint(), input.varint()][0]);
    const segments = Array.from({ length: input.varint() }, () => [input.varint(), input.varint()] as const);
    [this.#heads, this.#references] = [input.nested(), input.nested()];
    this.#readExceptions();
    for (const [owner, rows] of segments) for (let row = 0; row < rows; row++) this.#readRow(owner);
    this.#heads.end();
    this.#references.end();
    const found = [this.visible.length, this.#elements.length, ...this.#own.map(({ length }) => length)];
    if (found.join() !== [units, elements, ...lasts].join()) throw new Error("tallies");
    this.#readCharacters();
  }

  get operations(): Operation[] {
    const told = new Map(this.#elements.map((element) => [element.id, element]));
    return this.#own.flat().map(({ id, what }) => {
      const { character, left, right } = told.get(id) ?? { character: "", left: undefined, right: "" };
      return { id, what: told.has(id) ? inserts(character, left?.id ?? "start", right) : what };
    });
  }

  #readExceptions(): void {
    for (let left = this.input.varint(), run = 0; left > 0; left--) {
      run += this.input.varint();
      const what = this.input.u8();
      const sibling = what % 2 === 1 ? { sibling: this.input.varint() } : {};
      this.#exceptions.set(run, { ...sibling, ...(what >= 2 && { right: this.input.varint() }) });
    }
  }

  #readRow(owner: number): void {
    const [kind, length] = this.#heads.head();
    const caret = this.#carets[owner]!;
    if (kind === 6) {
      const row = this.#references.varint();
      this.#add(owner, `row ${row}: ${hex(this.#references.take(length))}`);
      return;
    }
    const at = kind % 2 === 1 ? caret + this.#references.signed() : kind === 4 ? caret + 1 : caret;
    if (kind <= 1) this.#insert(owner, at, length);
    else this.#delete(owner, at, length, kind <= 3 ? -1 : 1);
  }

  #delete(owner: number, at: number, length: number, step: 1 | -1): void {
    for (let i = 0; i < length; i++) {
      const target = this.#elements[at + i * step]!;
      target.isDead = true;
      this.#add(owner, `deletes ${target.id}`);
    }
    this.#carets[owner] = step > 0 ? at - 1 : at - length;
  }

  #insert(owner: number, at: number, length: number): void {
    const elements = this.#elements;
    const run = elements.length;
    const { sibling, right } = this.#exceptions.get(run) ?? {};
    const behind =
      sibling === undefined ? this.list.indexOf(elements[at]!) : endOf(this.list, elements[run - sibling]!);
    const implied = this.list[behind + 1];
    const follower = right === undefined ? implied : right === 0 ? undefined : elements[run - right];
    for (let i = 0; i < length; i++) {
      const left = i === 0 ? elements[at] : elements.at(-1);
      const id = this.#add(owner, "");
      elements.push({ id, left, right: follower?.id ?? "end", character: "", isDead: false });
    }
    this.list.splice(behind + 1, 0, ...elements.slice(run));
    this.#carets[owner] = elements.length - 1;
  }

  #readCharacters(): void {
    const dead = this.list.filter(({ isDead }) => isDead);
    const isKnown = Array<boolean>(this.input.varint()).fill(true);
    for (let knows = false; isKnown.length < dead.length; knows = !knows)
      isKnown.push(...Array<boolean>(this.input.varint()).fill(knows));
    const known = this.input.nested();
    for (const [i, element] of dead.entries()) element.character = isKnown[i] ? known.points(1)[0]! : "?";
    known.end();
    const shown = [...this.visible];
    for (const element of this.list) if (!element.isDead) element.character = shown.shift()!;
  }

  #add(owner: number, what: string): string {
    const own = this.#own[owner]!;
    const id = `${this.#names[owner]}:${own.length + 1}`;
    own.push({ id, what });
    return id;
  }
}

/** Where in the list the last is that descends from `ancestor` by left origins. */
function endOf(list: readonly Element[], ancestor: Element): number {
  const descends = (element: Element | undefined): boolean =>
    element !== undefined && (element === ancestor || descends(element.left));
  return list.findLastIndex(descends);
}

function inserts(character: string, left: string, right: string): string {
  return `inserts ${JSON.stringify(character)} between ${left} and ${right}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function text(utf8: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8);
}
