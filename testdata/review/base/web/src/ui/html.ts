const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => escapes[char] ?? char);
}

/** Where a component puts its output; a real element is one of these. */
export interface Host {
  textContent: string | null;
  replaceChildren(...nodes: (Node | string)[]): void;
  insertAdjacentHTML(position: "beforeend", html: string): void;
}
