import type { Parcel } from "../api/types.gen.js";
import { isFinal, labelFor, timeline } from "../tracking/timeline.js";
import { escapeHtml, type Host } from "./html.js";

export interface CardOptions {
  zone: string;
  showPlaces?: boolean;
}

export function parcelCardHtml(parcel: Parcel, options: CardOptions): string {
  const days = timeline(parcel.events, options.zone).map((day) => {
    const entries = day.entries.map((entry) => {
      const place = options.showPlaces ? ` <small>${escapeHtml(entry.place)}</small>` : "";
      return `<li><time>${entry.time}</time> ${escapeHtml(entry.label)}${place}</li>`;
    });
    return `<h3>${day.day}</h3><ul>${entries.join("")}</ul>`;
  });
  const state = isFinal(parcel.status) ? "done" : "open";
  return (
    `<article class="parcel parcel-${state}">` +
    `<h2>${escapeHtml(parcel.trackingCode)}</h2>` +
    `<p>${escapeHtml(labelFor(parcel.status))}</p>${days.join("")}</article>`
  );
}

export function mountParcelCard(host: Host, parcel: Parcel, options: CardOptions): void {
  host.replaceChildren();
  host.insertAdjacentHTML("beforeend", parcelCardHtml(parcel, options));
}

export function mountMessage(host: Host, message: string): void {
  host.textContent = message;
}
