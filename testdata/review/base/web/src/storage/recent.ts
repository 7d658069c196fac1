export interface KeyValueStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const KEY = "harbourline.recent";
export const MAX_RECENT = 8;

/** The tracking codes looked at last, newest first. */
export class RecentCodes {
  constructor(private readonly store: KeyValueStore) {}

  list(): string[] {
    const text = this.store.getItem(KEY);
    if (text === null) {
      return [];
    }
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) {
      return [];
    }
    return value.filter((item): item is string => typeof item === "string");
  }

  add(code: string): void {
    const others = this.list().filter((item) => item !== code);
    this.store.setItem(KEY, JSON.stringify([code, ...others].slice(0, MAX_RECENT)));
  }
}
