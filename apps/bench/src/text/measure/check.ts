/**
 * Every run ends here: a fast wrong answer is no answer.
 * @throws {Error} if the texts differ; the message says where.
 */
export function checkText(actual: string, expected: string): void {
  if (actual === expected) return;
  let at = 0;
  while (actual[at] === expected[at]) at++;
  const near = (text: string): string => JSON.stringify(text.slice(at, at + 20));
  throw new Error(
    `the text differs at ${at} of ${expected.length}: ${near(actual)} instead of ${near(expected)}`,
  );
}
