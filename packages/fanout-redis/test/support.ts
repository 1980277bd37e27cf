import type { FanoutListener } from "@motet/transport";
import { inject, onTestFinished } from "vitest";
import { RedisFanout, type RedisFanoutOptions } from "../src/index.js";

export const url: string = inject("redisUrl");
export const hasRedis = url !== "";
export const secret = "known to our nodes alone";

let prefixes = 0;
/** Before the names of channels that no other test uses. */
export const newPrefix = (): string => `test-${process.pid}-${++prefixes}:`;

/** What a node heard and was told, as lines, and a way to wait for one. */
export class Ear implements FanoutListener {
  readonly lines: string[] = [];
  /** Channels in which a stranger said something. */
  readonly strangers: string[] = [];
  #wake: () => void = () => undefined;

  heard(channel: string, message: Uint8Array): void {
    this.#note(`${channel}: ${new TextDecoder().decode(message)}`);
  }

  lost(): void {
    this.#note("lost");
  }

  restored(): void {
    this.#note("restored");
  }

  forged(channel: string): void {
    this.strangers.push(channel);
  }

  /** Resolves once there are `count` lines that say so. */
  async until(line: string, count = 1): Promise<void> {
    while (this.lines.filter((one) => one === line).length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #note(line: string): void {
    this.lines.push(line);
    this.#wake();
  }
}

/** A node that is up, and is closed when the test is over. */
export async function openNode(
  options: Partial<RedisFanoutOptions>,
): Promise<{ bus: RedisFanout; ear: Ear }> {
  const node = { bus: new RedisFanout({ url, secret, ...options }), ear: new Ear() };
  onTestFinished(() => node.bus.close());
  node.bus.start(node.ear);
  await node.ear.until("restored");
  return node;
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
