import { isUserId } from "@motet/document";
import * as v from "valibot";

// What nodes say to each other beside entries of documents. All of it comes from the bus, and is checked like what comes from clients.

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const name = v.pipe(v.string(), v.maxLength(1_024));
const place = v.object({ line: count, column: count });
const element = v.nullable(v.object({ replica: v.pipe(v.string(), v.maxLength(64)), seq: count }));
const anchor = v.object({ element, side: v.picklist(["left", "right"]) });
const cursor = v.object({
  ...place.entries,
  from: v.exactOptional(place),
  anchors: v.exactOptional(v.object({ head: anchor, from: v.exactOptional(anchor) })),
});

const connection = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

/** Grows with everything that is new of a connection: what was lost of it shows, and what comes late changes nothing. */
const revision = count;

/** A connection as its node tells of it. */
const tab = v.object({
  connection,
  revision,
  user: v.custom<string>(isUserId),
  name,
  colour: v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/)),
  status: v.picklist(["active", "idle", "away"]),
  state: v.record(v.string(), v.unknown()),
  cursor: v.exactOptional(cursor),
});

const node = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{8,64}$/));

/** Connections that are named in one message, at most: twice as many would be too large for the bus. */
export const NAMED_MAX = 10_000;

const peopleMessage = v.object({
  node,
  /** Connections that came or changed. */
  tabs: v.pipe(v.array(tab), v.maxLength(NAMED_MAX)),
  /** Connections that have gone. */
  gone: v.pipe(v.array(v.string()), v.maxLength(NAMED_MAX)),
  /** The connections of all who are at the sender: whom it told of before and does not name is gone. */
  all: v.exactOptional(v.pipe(v.array(v.object({ connection, revision })), v.maxLength(NAMED_MAX))),
  /** The sender wants to know who is there. */
  asks: v.boolean(),
});

const broadcastMessage = v.object({ node, user: v.custom<string>(isUserId), name, payload: v.unknown() });

const beatMessage = v.object({ node, wallMs: count });

export type RemoteTab = v.InferOutput<typeof tab>;
export type NamedTab = Pick<RemoteTab, "connection" | "revision">;
export type PeopleMessage = v.InferOutput<typeof peopleMessage>;
export type BroadcastMessage = v.InferOutput<typeof broadcastMessage>;

const SCHEMAS = { people: peopleMessage, broadcast: broadcastMessage, beat: beatMessage } as const;

/** The kinds of messages of this file. */
export type BusMessageKind = keyof typeof SCHEMAS;

/** What a message of that kind says; `undefined` when it is none. */
export function readBusMessage<Kind extends BusMessageKind>(
  kind: Kind,
  bytes: Uint8Array,
): v.InferOutput<(typeof SCHEMAS)[Kind]> | undefined {
  try {
    const result = v.safeParse(
      SCHEMAS[kind],
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)),
    );
    return result.success ? (result.output as v.InferOutput<(typeof SCHEMAS)[Kind]>) : undefined;
  } catch {
    return undefined;
  }
}
