import { it } from "vitest";
import { simulate } from "./simulation/simulate.js";

it("tries", async () => {
  const from = Number(process.env["FROM"] ?? 1);
  const count = Number(process.env["SEEDS"] ?? 1);
  const cpu = process.cpuUsage();
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await simulate(seed);
    if (outcome.complaints.length > 0) console.log(seed, outcome.complaints.slice(0, 6).map((c) => c.slice(0, 400)), count === 1 ? outcome.story.join("\n") : outcome.story.slice(0, 12).filter((l) => / to /.test(l)));
    else console.log(seed, "ok", outcome.turns, outcome.edits, outcome.checksum);
  }
  console.log(process.cpuUsage(cpu).user / 1e6);
}, 600_000);
