import { z } from "zod";
import type { Parcel, ParcelStatus, TrackingEvent } from "./types.gen.js";

const statuses = ["announced", "in_transit", "in_locker", "collected", "returned"] as const;

const statusSchema: z.ZodType<ParcelStatus> = z.enum(statuses);

const eventSchema: z.ZodType<TrackingEvent> = z.object({
  at: z.string().datetime({ offset: true }),
  status: statusSchema,
  place: z.string(),
});

const parcelSchema: z.ZodType<Parcel> = z.object({
  trackingCode: z.string().min(6),
  size: z.enum(["S", "M", "L", "XL"]),
  status: statusSchema,
  lockerId: z.string().nullable(),
  events: z.array(eventSchema),
});

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export interface ClientOptions {
  baseUrl: string;
  fetch?: typeof fetch;
  timeoutMs?: number;
}

export class TrackingClient {
  private readonly baseUrl: string;
  private readonly fetch: typeof fetch;
  private readonly timeoutMs: number;

  constructor(options: ClientOptions) {
    this.baseUrl = options.baseUrl.replace(/\/+$/, "");
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.timeoutMs = options.timeoutMs ?? 8_000;
  }

  async parcel(code: string): Promise<Parcel | null> {
    const answer = await this.get(`/v1/parcels/${encodeURIComponent(code)}`);
    if (answer.status === 404) {
      return null;
    }
    return parcelSchema.parse(await this.body(answer));
  }

  async search(query: string, signal?: AbortSignal): Promise<Parcel[]> {
    const answer = await this.get(`/v1/parcels?q=${encodeURIComponent(query)}`, signal);
    return z.array(parcelSchema).parse(await this.body(answer));
  }

  private async get(path: string, signal?: AbortSignal): Promise<Response> {
    const timeout = AbortSignal.timeout(this.timeoutMs);
    return this.fetch(this.baseUrl + path, {
      headers: { accept: "application/json" },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  }

  private async body(answer: Response): Promise<unknown> {
    if (!answer.ok) {
      throw new ApiError(answer.status, `the tracking service said ${answer.status}`);
    }
    return answer.json();
  }
}
