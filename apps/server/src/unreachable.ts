/** The `default` of an exhaustive switch: a kind of message that was forgotten stops the build where this is called. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
