import { describe, it } from "vitest";
import { MemoryBus } from "../src/index.js";
import { fanoutLaws } from "../src/testing/index.js";

describe("a fan-out in memory", () => {
  for (const law of fanoutLaws) {
    it(law.name, () => {
      const bus = new MemoryBus();
      return law.check({ node: () => bus.node() });
    });
  }
});
