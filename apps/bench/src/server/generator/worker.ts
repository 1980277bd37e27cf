/** The load generator: one job, told as JSON on the command line, answered with one message. */
import { DIALECTS } from "../dialects/dialects.js";
import type { Answer, Findings, Job } from "../job.js";
import { idle } from "./idle.js";
import { join, upload } from "./join.js";
import { kill, missing } from "./kill.js";
import { saturate } from "./saturate.js";
import { stall } from "./stall.js";
import { steady } from "./steady.js";

async function answer({ dialect, address, pid, load }: Job): Promise<Answer> {
  const place = { dialect: DIALECTS[dialect], address };
  switch (load.kind) {
    case "steady":
      return { findings: await steady(place, pid, load) };
    case "saturate":
      return { findings: await saturate(place, pid, load) };
    case "idle":
      return { findings: await idle(place, pid, load) };
    case "upload":
      return { findings: await upload(place, load) };
    case "join":
      return { findings: await join(place, load) };
    case "kill":
      return await kill(place, pid, load);
    case "missing":
      return { findings: await missing(place, load) };
    case "stall":
      return { findings: await stall(place, pid, load) };
  }
}

/** What could not be measured is not answered: JSON has no word for it. */
function measured(findings: Findings): Findings {
  return Object.fromEntries(Object.entries(findings).filter(([, value]) => !Number.isNaN(value)));
}

const { findings, acked } = await answer(JSON.parse(process.argv[2]!) as Job);
process.send!({ findings: measured(findings), acked }, () => process.exit(0));
