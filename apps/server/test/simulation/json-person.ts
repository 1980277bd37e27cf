import type { Operation } from "@motet/document";
import { encodeClientMessage, Frame, mayRetry, type ServerMessage, type Socket } from "@motet/transport";
import { JsonView } from "../support/json-view.js";
import type { Edit, Said } from "./ledger.js";
import { Person } from "./person.js";
import { PATIENCE } from "./replica-person.js";

/** Own messages that are not acknowledged, at most. */
const AHEAD_MAX = 5;

/** How long a line may be quiet until the client asks, and until it gives it up, in milliseconds. */
const [QUIET_MS, DEAD_MS] = [5_000, 12_000];

/** What an error says that the client repairs by joining again. */
const PASSING: ReadonlySet<string> = new Set(["NOT_SAVED", "STORE_UNAVAILABLE", "STALE_VERSION"]);

/** Somebody with a simple client of the JSON protocol, which knows what was not acknowledged and sends it again. */
export class JsonPerson extends Person {
  #view = new JsonView();
  #client = "";
  #open = new Map<number, Edit>();
  #people = new Map<string, unknown>();
  #socket: Socket | undefined;
  #hasJoined = false;
  #heardMs = 0;
  #attempts = 0;

  get isSettled(): boolean {
    return this.#hasJoined && this.#open.size === 0;
  }

  get said(): Said {
    const { text, title, counters } = this.#view;
    return { text, title, count: counters.get("likes") ?? 0 };
  }

  get people(): ReadonlyMap<string, unknown> {
    return this.#people;
  }

  protected open(): void {
    this.#view = new JsonView();
    this.#client = `${this.name}-${this.machine.rng.int(1e9)}`;
    this.#connect();
    this.#watch();
  }

  /** What is not acknowledged is forgotten, as after a crash. */
  protected async close(): Promise<void> {
    this.#socket?.close(1000, "");
    this.forget();
  }

  protected forget(): void {
    this.ledger.forgotten(this.name);
    this.#open.clear();
    this.#hasJoined = false;
  }

  protected get isReady(): boolean {
    return this.#hasJoined && this.#open.size < AHEAD_MAX;
  }

  protected insert(position: number, token: string, edit: Edit): void {
    this.#send(edit, { type: "insert", position, text: token });
  }

  protected erase(token: string, edit: Edit): void {
    this.#send(edit, { type: "delete", position: this.#view.text.indexOf(token), length: token.length });
  }

  protected count(edit: Edit): void {
    this.#send(edit, { type: "increment_counter", counter: "likes", amount: 1 });
  }

  protected entitle(title: string, edit: Edit): void {
    this.#send(edit, { type: "set_title", title });
  }

  protected point(position: number): void {
    this.#say({ type: "cursor_move", line: 0, column: position });
  }

  protected feel(mood: number): void {
    this.#say({ type: "presence_update", state: { mood } });
  }

  #connect(): void {
    const attempt = ++this.#attempts;
    const whenCurrent = (run: () => void) => {
      if (attempt === this.#attempts) run();
    };
    const lost = () => whenCurrent(() => this.#reconnect());
    this.machine.after(PATIENCE.connectTimeoutMs, () => {
      if (!this.#hasJoined) lost();
    });
    const opening = this.network.open(this.machine, this.page.id, {
      text: (text) => whenCurrent(() => this.#hear(JSON.parse(text) as ServerMessage<Operation>)),
      binary: () => this.ledger.complain(`${this.name} was sent a binary frame`),
      heard: () => {},
      closed: (code) => {
        if (attempt === this.#attempts && !mayRetry(code))
          this.ledger.complain(`${this.name} was turned away: ${code}`);
        lost();
      },
      failed: () => {},
    });
    opening.then((socket) => whenCurrent(() => this.#join(socket)), lost);
  }

  #join(socket: Socket): void {
    this.#socket = socket;
    this.#heardMs = this.machine.monotonicMs();
    this.#say({ type: "join", client_id: this.#client });
  }

  #reconnect(): void {
    this.#attempts++;
    this.#hasJoined = false;
    this.#people.clear();
    this.#socket?.terminate();
    this.#socket = undefined;
    this.machine.after(100 + this.machine.rng.int(PATIENCE.backoffCeilingMs / 2), () => this.#connect());
  }

  /** A quiet server is asked, and given up when it does not answer. */
  #watch(): void {
    this.machine.after(1_000, () => {
      const quietMs = this.machine.monotonicMs() - this.#heardMs;
      if (this.#hasJoined && quietMs > DEAD_MS) this.#reconnect();
      else if (this.#hasJoined && quietMs > QUIET_MS) this.#say({ type: "heartbeat" });
      this.#watch();
    });
  }

  #hear(message: ServerMessage<Operation>): void {
    this.#heardMs = this.machine.monotonicMs();
    switch (message.type) {
      case "state":
        this.#people = new Map(message.users.map(({ user_id, state }) => [user_id, state?.["mood"]]));
        this.#view.begin(message);
        this.#hasJoined = true;
        if (this.mood !== undefined) this.feel(this.mood); // The server has forgotten.
        this.#sendAgain(message.session.last_id);
        break;
      case "ack":
        this.#view.hear(message);
        this.#acknowledged(message.id ?? 0);
        break;
      case "changes":
        this.#view.hear(message);
        break;
      case "user_joined":
        this.#people.set(message.user_id, this.#people.get(message.user_id));
        break;
      case "user_left":
        this.#people.delete(message.user_id);
        break;
      case "presence_update":
        for (const { user_id, state } of message.users) if (state) this.#people.set(user_id, state["mood"]);
        break;
      case "error":
        if (!PASSING.has(message.code))
          this.ledger.complain(`${this.name} was told ${message.code}: ${message.message}`);
        else this.#reconnect();
        break;
      default:
    }
    this.#view.takeIn();
  }

  #acknowledged(id: number): void {
    const edit = this.#open.get(id);
    if (edit === undefined)
      this.ledger.complain(`${this.name} got an ack for message ${id}, which awaits none`);
    else this.ledger.saved(edit);
    this.#open.delete(id);
  }

  /** What is above the last id that the server has goes again, under its old id, in the text as it is now. */
  #sendAgain(lastId: number): void {
    const open = [...this.#open];
    this.#open.clear();
    for (const [id, edit] of open) {
      if (id <= lastId) this.ledger.saved(edit);
      else this.#send(edit, this.#again(edit), id);
    }
  }

  #again({ kind, what }: Edit): Operation {
    const { text } = this.#view;
    if (kind === "type") return { type: "insert", position: this.somewhere(text), text: what };
    if (kind === "erase") return { type: "delete", position: text.indexOf(what), length: what.length };
    if (kind === "count") return { type: "increment_counter", counter: "likes", amount: 1 };
    return { type: "set_title", title: what };
  }

  #send(edit: Edit, operation: Operation, id?: number): void {
    const message = this.#view.make(operation, id);
    this.#open.set(message.id, edit);
    this.#say({ ...message });
  }

  #say(message: Readonly<Record<string, unknown>>): void {
    const whole: Readonly<Record<string, unknown>> = {
      user_id: this.name,
      doc_id: this.page.id,
      ...message,
    };
    this.#socket?.send(
      Frame.text(encodeClientMessage(whole as unknown as Parameters<typeof encodeClientMessage>[0])),
    );
  }
}
