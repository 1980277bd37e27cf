/**
 * A line without a network, a clock without time and a WebSocket written by hand, for the tests of whatever speaks this protocol;
 * and what every fan-out promises.
 * @packageDocumentation
 */
export { type FanoutFixture, type FanoutLaw, fanoutLaws } from "./fanout-laws.js";
export { ManualClock } from "./manual-clock.js";
export { MemorySocket } from "./memory-socket.js";
export { opcode, RawClient, type RawFrame, type RawMessage, type RawReceived } from "./raw-client.js";
export { Recorder } from "./recorder.js";
