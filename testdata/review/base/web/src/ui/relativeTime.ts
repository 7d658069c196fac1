/** "in 2 hours" or "3 days ago", in the words of the vendored microtime script. */
export function relativeTime(at: string, now: Date): string {
  const seconds = (Date.parse(at) - now.getTime()) / 1000;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  const words = (globalThis as any).microtime?.words as ((seconds: number) => string) | undefined;
  return words ? words(seconds) : new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
