/** Something that led from one state to a later one, both by their numbers. */
export interface Stretch {
  readonly before: number;
  readonly after: number;
}

/** Some items, newest first, and where those before them end: ask for that next. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: number;
}

/** Which page: of what ended by the state `before`, of everything without it; so many items at most. */
export interface PageRequest {
  readonly before?: number | undefined;
  readonly limit: number;
}

/**
 * The newest of `stretches`, which come oldest first and without gaps.
 * Cost: O(stretches), memory O(limit).
 */
export function pageOf<Item extends Stretch>(
  stretches: Iterable<Item>,
  { before = Number.POSITIVE_INFINITY, limit }: PageRequest,
): Page<Item> {
  let items: Item[] = [];
  for (const stretch of stretches) {
    if (stretch.after > before) break;
    items.push(stretch);
    // Cut in halves, so that each item is moved at most once on average.
    if (items.length >= 2 * limit) items = items.slice(-limit);
  }
  items = items.slice(-limit).reverse();
  const next = items.at(-1)?.before ?? 0;
  return next === 0 ? { items } : { items, next };
}
