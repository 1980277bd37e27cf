import {
  compareReplicaIds,
  type ItemId,
  operationsOf,
  Update,
  type UpdateOperation,
} from "../../src/index.js";

interface FlatItem {
  readonly name: string;
  readonly replica: string;
  readonly left: string;
  readonly right: string;
}

const name = (id: ItemId | null, none: string) => (id === null ? none : `${id.replica}:${id.seq}`);

/**
 * The order of honest histories by another rule: a scan over a flat list from the left origin to the right one. It
 * shares nothing with the tree, and must find the same.
 */
export class FlatList {
  readonly #items: FlatItem[] = [];

  /** Takes in updates in an order in which causes stand before their effects. */
  apply(update: Uint8Array): void {
    for (const operation of operationsOf(Update.decode(update))) {
      if (operation.kind === "insert") this.#insertRun(operation);
    }
  }

  /** The names of all elements, in order. */
  get names(): string[] {
    return this.#items.map((item) => item.name);
  }

  #insertRun({ id, content, left, right }: Extract<UpdateOperation, { kind: "insert" }>): void {
    let before = name(left, "start");
    const after =
      right === undefined ? this.#items.find((item) => item.name === before)!.right : name(right, "end");
    let seq = id.seq;
    for (const _ of content) {
      const own = `${id.replica}:${seq++}`;
      this.#insert({ name: own, replica: id.replica, left: before, right: after });
      before = own;
    }
  }

  #insert(item: FlatItem): void {
    const [from, to] = [this.#position(item.left), this.#position(item.right)];
    let spot = from + 1;
    let remembered: number | undefined;
    for (; spot < to; spot++) {
      const other = this.#items[spot];
      const otherLeft = this.#position(other.left);
      if (otherLeft < from) break;
      if (otherLeft > from) continue;
      const otherRight = this.#position(other.right);
      if (otherRight < to) remembered ??= spot;
      else {
        if (otherRight === to && compareReplicaIds(item.replica, other.replica) > 0) break;
        remembered = undefined;
      }
    }
    this.#items.splice(remembered ?? spot, 0, item);
  }

  #position(name: string): number {
    if (name === "start") return -1;
    if (name === "end") return this.#items.length;
    return this.#items.findIndex((item) => item.name === name);
  }
}
