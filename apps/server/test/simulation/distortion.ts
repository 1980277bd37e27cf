import type { LocalStore } from "@motet/client";
import type { DocumentStore } from "@motet/document";
import type { Fanout, Frame, Socket } from "@motet/transport";
import type { Parts } from "../../src/parts.js";
import type { Machine } from "./machine.js";

/** A bug to be planted: what is done otherwise at one of the places where the simulation holds the real parts. */
export interface Distortion {
  readonly name: string;
  /** A server's way to the database. */
  readonly store?: (store: DocumentStore, machine: Machine) => DocumentStore;
  /** A server's way to the bus. */
  readonly fanout?: (fanout: Fanout, machine: Machine) => Fanout;
  /** A server's parts, before anything of it runs. */
  readonly parts?: (parts: Parts, machine: Machine) => void;
  /** A server's end of a line, when it sends something. */
  readonly send?: (frame: Frame, socket: Socket) => void;
  /** What a client keeps for its next page. */
  readonly kept?: (store: LocalStore) => LocalStore;
}
