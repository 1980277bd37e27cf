import { ann } from "./world.js";

/** That Ann asks for something under a key; `digest` stands for what it is. */
export function asked(key: string, digest = "same") {
  return { user: ann, nowMs: 1_000, request: { key, digest } };
}
