/**
 * What every local store promises, as tests for vitest.
 * @packageDocumentation
 */
export { localStoreSuite } from "./local-store-suite.js";
