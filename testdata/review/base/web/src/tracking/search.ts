import type { Parcel } from "../api/types.gen.js";

export type Search = (query: string, signal: AbortSignal) => Promise<Parcel[]>;

export interface SearchView {
  show(parcels: Parcel[]): void;
  fail(message: string): void;
  clear(): void;
}

export const MIN_QUERY_LENGTH = 3;

/** Runs one search at a time: a newer query aborts the one before it. */
export class SearchController {
  private running: AbortController | undefined;

  constructor(
    private readonly search: Search,
    private readonly view: SearchView,
  ) {}

  async update(input: string): Promise<void> {
    this.running?.abort();
    this.running = undefined;
    const query = input.trim();
    if (query.length < MIN_QUERY_LENGTH) {
      this.view.clear();
      return;
    }
    const current = new AbortController();
    this.running = current;
    try {
      const parcels = await this.search(query, current.signal);
      if (this.running === current) {
        this.view.show(parcels);
      }
    } catch (error) {
      if (this.running === current) {
        this.view.fail(error instanceof Error ? error.message : "The search failed.");
      }
    }
  }
}
