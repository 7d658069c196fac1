import { describe, expect, it } from "vitest";
import { mountMessage, mountParcelCard } from "../src/index.js";
import { escapeHtml, type Host } from "../src/ui/html.js";
import { parcelCardHtml } from "../src/ui/parcelCard.js";
import { parcel } from "./fixtures.js";

export class FakeHost implements Host {
  textContent: string | null = "old";
  html = "old";
  replaceChildren(): void {
    this.html = "";
  }
  insertAdjacentHTML(_position: "beforeend", html: string): void {
    this.html += html;
  }
}

describe("parcel card", () => {
  it("shows code and state", () => {
    const html = parcelCardHtml(parcel(), { zone: "Europe/Amsterdam" });
    expect(html).toContain("<h2>HL-7Q2K9D</h2>");
    expect(html).toContain('class="parcel parcel-open"');
    expect(html).not.toContain("<small>");
  });

  it("escapes what the service sends", () => {
    const events = [
      { at: "2024-05-01T08:15:00Z", status: "announced" as const, place: "<img src=x>" },
    ];
    const html = parcelCardHtml(parcel({ events }), { zone: "UTC", showPlaces: true });
    expect(html).toContain("&lt;img src=x&gt;");
    expect(html).not.toContain("<img");
  });

  it("replaces what was there", () => {
    const host = new FakeHost();
    mountParcelCard(host, parcel(), { zone: "UTC" });
    expect(host.html.startsWith("<article")).toBe(true);
  });

  it("sets messages as text", () => {
    const host = new FakeHost();
    mountMessage(host, "<b>none</b>");
    expect(host.textContent).toBe("<b>none</b>");
  });

  it("escapes all five characters", () => {
    expect(escapeHtml(`<a href="x">'&'</a>`)).toBe(
      "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;",
    );
  });
});
