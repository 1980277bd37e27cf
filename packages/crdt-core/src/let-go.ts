/**
 * Gives the memory behind `buffer` back at once, where the platform can (Node 21, browsers of 2024): whoever still reads it finds it empty. The
 * collector sees late how large it is: a text that grew to 8 MB left 25 MB of its former selves about.
 */
export function letGo({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  (buffer as ArrayBuffer & { transfer?(bytes: number): ArrayBuffer }).transfer?.(0);
}
