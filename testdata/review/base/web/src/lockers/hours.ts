export interface OpeningHours {
  /** Minutes after midnight, in the locker's own time. */
  opens: number;
  closes: number;
}

export type Week = readonly (OpeningHours | null)[];

const clock = /^([01]\d|2[0-4]):([0-5]\d)$/;

export function parseClock(text: string): number {
  const match = clock.exec(text);
  if (!match) {
    throw new RangeError(`not a time of day: ${text}`);
  }
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  if (minutes > 24 * 60) {
    throw new RangeError(`not a time of day: ${text}`);
  }
  return minutes;
}

/** Monday is day 0. The closing minute itself is closed. */
export function isOpen(week: Week, day: number, minute: number): boolean {
  const hours = week[day];
  if (!hours) {
    return false;
  }
  return hours.opens <= minute && minute < hours.closes;
}

export function formatHours(hours: OpeningHours | null): string {
  if (!hours) {
    return "closed";
  }
  if (hours.opens === 0 && hours.closes === 24 * 60) {
    return "day and night";
  }
  return `${formatClock(hours.opens)}–${formatClock(hours.closes)}`;
}

function formatClock(minutes: number): string {
  const hour = String(Math.floor(minutes / 60)).padStart(2, "0");
  return `${hour}:${String(minutes % 60).padStart(2, "0")}`;
}
