/** Takes a listener off again. */
export type Unsubscribe = () => void;

/** Listeners by the type of event; `Events` says what each type carries. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #failed: (error: unknown) => void;

  /** @param failed Hears what a listener threw: one that fails does not keep the others from hearing. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  on<Type extends keyof Events>(type: Type, listener: (event: Events[Type]) => void): Unsubscribe {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Tells everybody who listened when this was called. */
  emit<Type extends keyof Events>(type: Type, event: Events[Type]): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        (listener as (event: Events[Type]) => void)(event);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  /** Nobody listens any more. */
  clear(): void {
    this.#listeners.clear();
  }
}
