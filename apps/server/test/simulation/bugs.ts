import type { LocalStore } from "@motet/client";
import type { DocumentStore, OpenDocument } from "@motet/document";
import type { Fanout, Frame, Socket } from "@motet/transport";
import type { Parts } from "../../src/parts.js";
import type { Distortion } from "./distortion.js";
import type { Machine } from "./machine.js";

// Bugs that a server of this kind may have. Each is planted around the real parts, never in them.

/** Everything of `store`, but for what is done otherwise. */
function otherwise<T extends object>(original: T, changes: Partial<T>): T {
  return new Proxy(original, {
    get: (target, name) => {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Has something done to each document that is opened. */
function toDocuments({ documents }: Parts, change: (open: OpenDocument) => void): void {
  const changed = new WeakSet<OpenDocument>();
  const open = documents.open.bind(documents);
  documents.open = async (id) => {
    const document = await open(id);
    if (!changed.has(document)) change(document);
    changed.add(document);
    return document;
  };
}

const ackBeforeStored = (store: DocumentStore): DocumentStore => {
  let place = 0;
  return otherwise(store, {
    append: async (id, key, bytes) => {
      void store.append(id, key, bytes).catch(() => undefined);
      return { place: ++place, fresh: true };
    },
  });
};

const loadWithoutTail = (store: DocumentStore): DocumentStore =>
  otherwise(store, {
    load: async (id, after) => {
      const entries = await store.load(id, after);
      return after === undefined ? entries.slice(0, -1) : entries;
    },
  });

const neverLooksIntoStore = (store: DocumentStore): DocumentStore =>
  otherwise(store, { load: (id, after) => (after === undefined ? store.load(id) : Promise.resolve([])) });

const coversTooMuch = (store: DocumentStore): DocumentStore =>
  otherwise(store, {
    replace: async (id, covered, key, bytes) => {
      const last = (await store.load(id)).at(-1)!.key;
      return store.replace(id, [...new Set([...covered, last])], key, bytes);
    },
  });

const subscribesLate = (fanout: Fanout, machine: Machine): Fanout =>
  otherwise(fanout, {
    subscribe: async (channel) => void machine.after(8_000, () => void fanout.subscribe(channel)),
  });

const applyRepeated = (parts: Parts): void =>
  toDocuments(parts, (open) => {
    open.lastMessageId = () => 0;
  });

const relayBeforeStored = (parts: Parts): void =>
  toDocuments(parts, (open) => {
    const receive = open.receive.bind(open);
    open.receive = (update, context) => {
      const commit = receive(update, context);
      parts.rooms.relay(open.id, [{ ...commit, origin: undefined }]);
      return commit;
    };
  });

const showWhatIsNotStored = (parts: Parts): void =>
  toDocuments(parts, (open) => {
    open.afterCommit = (publish) => publish();
  });

const keepForeignToItself = ({ rooms }: Parts): void => {
  const relay = rooms.relay.bind(rooms);
  rooms.relay = (key, commits) => {
    relay(
      key,
      commits.filter(({ isForeign }) => !isForeign),
    );
  };
};

const neverSweepNodes = ({ cluster }: Parts): void => {
  if (cluster !== undefined) cluster.people.tend = () => {};
};

const neverSweepClients = ({ connections }: Parts): void => {
  connections.cleanupDeadConnections = () => [];
};

const goAwayInSilence = ({ cluster }: Parts): void => {
  if (cluster !== undefined) cluster.people.leave = () => {};
};

const keepMoods = ({ cluster }: Parts): void => {
  if (cluster !== undefined) cluster.people.update = () => {};
};

/** Of a reader that does not keep up the server keeps nothing, not even its place. */
const loseSlowReaders = (frame: Frame, socket: Socket): void => {
  if (socket.bufferedBytes < 600) socket.send(frame);
};

const ackNext = (frame: Frame, socket: Socket): void => {
  const text = frame.text?.replace(
    /^(\{"type":"ack".*?"id":)(\d+)/,
    (_all, head, id) => `${head}${Number(id) + 1}`,
  );
  socket.send(text === undefined ? frame : (frame.constructor as typeof Frame).text(text));
};

/** The first byte of an entry says whose operations it holds: 1 others', 2 its own. */
const forgetOwn = (store: LocalStore): LocalStore =>
  otherwise(store, {
    write: (bag, add, remove) => {
      const theirs = add.map((bytes) => (bytes[0] === 2 ? Uint8Array.of(1, ...bytes.subarray(1)) : bytes));
      return store.write(bag, theirs, remove);
    },
  });

export const BUGS: readonly Distortion[] = [
  { name: "a server that acknowledges before anything is stored", store: ackBeforeStored },
  { name: "a server that loads a document without its last entry", store: loadWithoutTail },
  { name: "a server that fills no gap from the store", store: neverLooksIntoStore },
  { name: "a server that compacts away an entry that it has not read", store: coversTooMuch },
  { name: "a server that subscribes long after it has loaded", fanout: subscribesLate },
  { name: "a server that takes a message that comes again for a new one", parts: applyRepeated },
  { name: "a server that tells of changes before they are stored", parts: relayBeforeStored },
  { name: "a server that shows newcomers what is not stored", parts: showWhatIsNotStored },
  { name: "a server that keeps to itself what others tell", parts: keepForeignToItself },
  { name: "a server that never lets the people of a dead one go", parts: neverSweepNodes },
  { name: "a server that never lets a silent client go", parts: neverSweepClients },
  { name: "a server that does not tell the others who has gone", parts: goAwayInSilence },
  { name: "a server that does not tell the others how its people are", parts: keepMoods },
  { name: "a server that drops what a slow reader does not take", send: loseSlowReaders },
  { name: "a server that acknowledges the wrong message", send: ackNext },
  { name: "a client that forgets what it has not delivered", kept: forgetOwn },
];
