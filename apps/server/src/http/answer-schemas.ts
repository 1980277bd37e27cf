import { ACCESS } from "@motet/document";
import * as v from "valibot";

// What the addresses answer, for the documentation and for the tests; `document-json.ts` makes it.

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const vector = v.record(v.string(), count);
const userId = v.string();
const state = { version: count, vector };
const stretch = { before: count, after: count };
const changed = v.object({ from: v.unknown(), to: v.unknown() });
const next = v.optional(count);

const step = v.union([
  v.strictObject({ retain: count }),
  v.strictObject({ insert: v.string(), user_id: userId, at_ms: v.number() }),
  v.strictObject({ delete: v.string(), user_id: userId, at_ms: v.number() }),
]);

const named = v.strictObject({ name: v.string(), user_id: userId, at_ms: v.number(), ...state });
const sitting = v.strictObject({
  user_ids: v.array(userId),
  from_ms: v.number(),
  to_ms: v.number(),
  ...stretch,
});
const change = v.strictObject({ user_id: userId, at_ms: v.number(), ...stretch });
const place = { line: count, column: count };
const cursor = v.strictObject({ ...place, from: v.optional(v.strictObject(place)) });

/** The bodies of answers, by what they are. */
export const answerSchemas = {
  document: v.strictObject({
    doc_id: v.string(),
    ...state,
    title: v.string(),
    text: v.string(),
    counters: v.record(v.string(), v.number()),
    fields: v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()]))),
  }),
  documents: v.strictObject({
    items: v.array(v.strictObject({ doc_id: v.string() })),
    next: v.optional(v.string()),
  }),
  state: v.strictObject(state),
  created: v.strictObject({ doc_id: v.string(), ...state }),
  history: v.strictObject({ items: v.union([v.array(sitting), v.array(change)]), next }),
  diff: v.strictObject({
    from: v.strictObject(state),
    to: v.strictObject(state),
    title: v.optional(changed),
    counters: v.record(v.string(), changed),
    fields: v.record(v.string(), changed),
    text: v.array(step),
  }),
  blame: v.strictObject({
    ...state,
    ranges: v.array(v.strictObject({ from: count, to: count, user_id: userId, at_ms: v.number() })),
  }),
  named,
  names: v.strictObject({ items: v.array(named) }),
  accessRules: v.strictObject({
    items: v.array(
      v.strictObject({ user_id: userId, access: v.picklist(ACCESS), by: userId, at_ms: v.number() }),
    ),
  }),
  forgotten: v.strictObject({ forgotten: count }),
  users: v.strictObject({
    items: v.array(
      v.strictObject({
        user_id: userId,
        name: v.string(),
        colour: v.string(),
        idle: v.boolean(),
        status: v.picklist(["active", "idle", "away"]),
        state: v.record(v.string(), v.unknown()),
        cursor: v.optional(cursor),
      }),
    ),
  }),
  error: v.strictObject({ code: v.string(), message: v.string() }),
} as const;
