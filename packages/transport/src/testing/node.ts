/**
 * A WebSocket written by hand, for tests on Node that have to say what no library would.
 * @packageDocumentation
 */
export { opcode, RawClient, type RawFrame, type RawMessage, type RawReceived } from "./raw-client.js";
