// The keys, and the palette: one field to go anywhere, do anything and create anything.
"use strict";

(() => {
  const { ask, kept, reload } = gitPm;
  const PLACES = { b: "/", l: "/list", g: "/graph", a: "/activity" };
  const keys = document.getElementById("keys");
  const own = document.getElementById("keys-on");
  const palette = document.getElementById("palette");

  // Keys of one letter are in the way of speech input, so they can be turned off.
  const KEYS = "git-pm-keys";
  own.checked = kept(KEYS) !== "off";
  own.addEventListener("change", () => kept(KEYS, own.checked ? "on" : "off"));
  for (const button of document.querySelectorAll(".keys-button")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      button.closest("[popover]")?.hidePopover();
      keys.showModal();
    });
  }

  // ---- The item that keys are about --------------------------------------------------------------

  /** The item with the focus, under the pointer, or of this page. */
  function current() {
    const at = document.activeElement?.closest("[data-item]");
    return at || document.querySelector(".card:hover, tr[data-item]:hover") || document.querySelector(".head.item");
  }

  /** Moves the focus to the next or previous item. */
  function step(by) {
    const all = [...document.querySelectorAll("main [data-item] a.title")];
    const at = all.indexOf(document.activeElement);
    const to = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
    to?.focus();
    to?.closest("[data-item]").scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Moves the focus to a card of the next column that has one. */
  function across(by) {
    const card = document.activeElement?.closest(".card");
    if (!card) return false;
    const cells = [...card.closest(".board").querySelectorAll(".cell")];
    const row = [...card.parentElement.children].indexOf(card);
    for (let n = cells.indexOf(card.closest(".cell")) + by; cells[n]; n += by) {
      const titles = cells[n].querySelectorAll("a.title");
      if (!titles.length) continue;
      const to = titles[Math.min(row, titles.length - 1)];
      to.focus();
      to.closest(".card").scrollIntoView({ block: "nearest", inline: "nearest" });
      return true;
    }
    return false;
  }

  const ACTS = {
    "/": () => document.getElementById("search").focus(),
    "?": () => keys.showModal(),
    r: reload,
    j: () => step(1),
    k: () => step(-1),
    m: () => current()?.querySelector(".dots")?.click(),
    e: () => {
      const item = current();
      if (item && document.getElementById("new")) ask(`/items/${item.dataset.item}/edit`);
    },
    x: () => gitPmSelection.toggle(current()),
    n: () => document.getElementById("new")?.click(),
    c: () => document.getElementById("new")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k" && !event.shiftKey) {
      event.preventDefault();
      if (palette.open) palette.close();
      else if (!document.querySelector("dialog[open]")) open();
      return;
    }
    if (!own.checked) return;
    const writes = event.target.closest("input, select, textarea, [contenteditable]");
    if (writes || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open], :popover-open")) return;
    const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (sideways) {
      if (across(sideways)) event.preventDefault();
    } else if (ACTS[event.key]) {
      event.preventDefault();
      ACTS[event.key]();
    } else if (PLACES[event.key]) {
      location.href = PLACES[event.key];
    }
  });

  // ---- The palette -------------------------------------------------------------------------------

  const MOST = 12; // entries that are shown
  const WAIT = 150; // milliseconds without a key after which items are searched
  let entries = [];
  let found = [];
  let chosen = 0;
  let timer = 0;
  let field = null;
  let list = null;

  const go = (name, href, kind) => ({ name, kind, act: () => location.assign(href) });

  /** What can be done here: with the current item, then everywhere. */
  function actions(item) {
    const all = [];
    for (const one of item?.querySelectorAll(".menu a, .menu button") || []) {
      all.push({ name: `${one.textContent} ${item.dataset.item}`, kind: "action", act: () => one.click() });
    }
    if (document.getElementById("new")) {
      all.push({ name: "New task", kind: "create", act: () => ask("/new") });
      all.push({ name: "New epic", kind: "create", act: () => ask("/new?kind=epic") });
    }
    const sync = document.querySelector("#sync button");
    if (sync) all.push({ name: "Sync with the remote", kind: "action", act: () => sync.click() });
    for (const link of document.querySelectorAll(".top nav a, .views a")) {
      all.push(go(link.textContent, link.href, "page"));
    }
    all.push({ name: "Keyboard shortcuts", kind: "help", act: () => keys.showModal() });
    return all;
  }

  function open() {
    const item = current();
    entries = actions(item);
    found = [];
    field = document.createElement("input");
    list = document.createElement("ul");
    list.id = "palette-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Commands");
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list",
      "aria-label": "Go to, do or create", placeholder: "Go to, do or create…", autocomplete: "off", spellcheck: "false",
    })) field.setAttribute(name, value);
    field.addEventListener("input", () => {
      chosen = 0;
      show();
      clearTimeout(timer);
      timer = setTimeout(search, WAIT);
    });
    palette.replaceChildren(field, list);
    chosen = 0;
    show();
    palette.showModal();
    field.focus();
  }

  async function search() {
    const words = field.value.trim();
    found = [];
    if (words) {
      try {
        const answer = await fetch(`/search?q=${encodeURIComponent(words)}&all=true`, { credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const links = [...page.querySelectorAll(".hits a.title")].slice(0, MOST);
        if (words !== field.value.trim()) return;
        found = links.map((link) => go(link.textContent, link.getAttribute("href"), "item"));
      } catch {
        // The palette still has its commands.
      }
    }
    show();
  }

  /** The entries that have the words, with the items that were found, and a new task with this title. */
  function matching() {
    const text = field.value.trim();
    const words = text.toLowerCase().split(/\s+/);
    const fits = entries.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
    const id = /^[a-z]+-[a-z0-9]+$/i.test(text) ? [go(`Open ${text}`, `/items/${encodeURIComponent(text)}`, "item")] : [];
    const make = text && document.getElementById("new")
      ? [{ name: `Create the task “${text}”`, kind: "create", act: () => ask(`/new?title=${encodeURIComponent(text)}`) }]
      : [];
    return [...id, ...fits.slice(0, text ? 6 : MOST), ...found.slice(0, MOST - 6), ...make];
  }

  let shown = [];

  function show() {
    shown = matching();
    chosen = Math.min(chosen, Math.max(shown.length - 1, 0));
    list.replaceChildren(...shown.map((entry, n) => {
      const line = document.createElement("li");
      line.id = `palette-${n}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(n === chosen));
      const kind = document.createElement("small");
      kind.textContent = entry.kind;
      line.append(entry.name, kind);
      line.addEventListener("click", () => run(n));
      return line;
    }));
    if (shown.length) field.setAttribute("aria-activedescendant", `palette-${chosen}`);
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  function run(n) {
    const entry = shown[n];
    palette.close();
    entry?.act();
  }

  palette.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      chosen = (chosen + by + shown.length) % Math.max(shown.length, 1);
      show();
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(chosen);
    }
  });
  palette.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
  });
  const button = document.getElementById("palette-button");
  button.hidden = false;
  button.addEventListener("click", open);
})();
