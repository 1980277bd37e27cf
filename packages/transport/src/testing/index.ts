/**
 * A line without a network and a clock without time, for the tests of whatever speaks this protocol, in pages too; and
 * what every fan-out promises.
 * @packageDocumentation
 */
export { type FanoutFixture, type FanoutLaw, fanoutLaws } from "./fanout-laws.js";
export { ManualClock } from "./manual-clock.js";
export { type Carrier, MemorySocket } from "./memory-socket.js";
export { Recorder } from "./recorder.js";
