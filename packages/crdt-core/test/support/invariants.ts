import type { Sequence } from "../../src/text/sequence.js";
import type { SpanTree } from "../../src/text/span-tree.js";

/** Throws unless everything that the engine keeps about its text fits together. */
export function checkInvariants(sequence: Sequence): void {
  sequence.tree.flush();
  checkNode(sequence.tree, sequence.tree.root, sequence.tree.height);
  checkLeafChain(sequence.tree);
  checkSpans(sequence);
  checkCursor(sequence);
}

function checkNode(tree: SpanTree, node: number, level: number): void {
  const count = tree.counts[node];
  if (tree.isLeaf(node) !== (level === 0)) fail(`node ${node} is at the wrong level`);
  let units = 0;
  for (let i = 0; i < count; i++) {
    if (level === 0) units += tree.width(node * tree.stride + i * 2);
    else {
      const child = tree.slots[node * tree.stride + i];
      if (tree.parents[child] !== node) fail(`node ${child} does not know its parent ${node}`);
      checkNode(tree, child, level - 1);
      units += tree.units[child];
    }
  }
  if (count > (level === 0 ? tree.leafCapacity : tree.fanOut)) fail(`node ${node} is too full`);
  if (units !== tree.units[node]) fail(`node ${node} counts ${tree.units[node]} units instead of ${units}`);
}

function leavesBelow(tree: SpanTree, node: number): number[] {
  if (tree.isLeaf(node)) return [node];
  const children = tree.slots.subarray(node * tree.stride, node * tree.stride + tree.counts[node]);
  return [...children].flatMap((child) => leavesBelow(tree, child));
}

function checkLeafChain(tree: SpanTree): void {
  const leaves = leavesBelow(tree, tree.root);
  leaves.forEach((leaf, at) => {
    if (tree.nexts[leaf] !== (leaves[at + 1] ?? -1)) fail(`leaf ${leaf} does not know the one behind it`);
    if (tree.counts[leaf] === 0 && tree.nodes > 1) fail(`leaf ${leaf} is empty`);
  });
  if (tree.firstLeaf !== leaves[0] || tree.lastLeaf !== leaves.at(-1))
    fail("the tree has other ends than its leaves");
}

function checkSpans({ log, tree, characters }: Sequence): void {
  const seen = new Uint8Array(log.elements);
  for (let leaf = tree.firstLeaf; leaf >= 0; leaf = tree.nexts[leaf]) {
    for (let slot = 0; slot < tree.counts[leaf]; slot++) {
      const [first, length] = tree.slots.subarray(leaf * tree.stride + slot * 2);
      if (length === 0) fail(`an empty span at element ${first}`);
      for (let element = first; element < first + Math.abs(length); element++) {
        if (seen[element]++ > 0) fail(`element ${element} stands in two places`);
        if (element > first && log.left(element) !== element - 1)
          fail(`the span of ${element} joins strangers`);
      }
    }
  }
  const missing = seen.indexOf(0);
  if (missing >= 0) fail(`element ${missing} stands nowhere`);
  if (characters.length !== log.elements) fail("characters and elements differ in number");
}

function checkCursor({ tree }: Sequence): void {
  if (tree.startOf(tree.leaf) !== tree.start) fail("the cursor has lost its leaf");
  let before = 0;
  for (let at = tree.leaf * tree.stride; at < tree.at; at += 2) before += tree.width(at);
  if (before !== tree.before) fail(`the cursor counts ${tree.before} units instead of ${before}`);
}

function fail(message: string): never {
  throw new Error(message);
}
