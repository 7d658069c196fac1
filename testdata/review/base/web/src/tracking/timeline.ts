import type { ParcelStatus, TrackingEvent } from "../api/types.gen.js";

export interface TimelineDay {
  day: string;
  entries: TimelineEntry[];
}

export interface TimelineEntry {
  time: string;
  label: string;
  place: string;
}

const labels: Record<ParcelStatus, string> = {
  announced: "Announced by the sender",
  in_transit: "On its way",
  in_locker: "Ready in the locker",
  collected: "Collected",
  returned: "Returned to the sender",
};

export function labelFor(status: ParcelStatus): string {
  return labels[status];
}

function partsIn(zone: string, at: string): { day: string; time: string } {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = new Map(format.formatToParts(new Date(at)).map((part) => [part.type, part.value]));
  return {
    day: `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`,
    time: `${parts.get("hour")}:${parts.get("minute")}`,
  };
}

/** Newest day first, and within a day the newest event first. */
export function timeline(events: readonly TrackingEvent[], zone: string): TimelineDay[] {
  const sorted = [...events].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const days: TimelineDay[] = [];
  for (const event of sorted) {
    const { day, time } = partsIn(zone, event.at);
    let last = days[days.length - 1];
    if (!last || last.day !== day) {
      last = { day, entries: [] };
      days.push(last);
    }
    last.entries.push({ time, label: labelFor(event.status), place: event.place });
  }
  return days;
}

export function isFinal(status: ParcelStatus): boolean {
  return status === "collected" || status === "returned";
}
