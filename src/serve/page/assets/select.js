// Several cards or rows at once: `x` or its menu selects one, and a bar at the foot changes all that are selected.
"use strict";

const gitPmSelection = (() => {
  const { here, post, say } = gitPm;
  const chosen = new Set();
  const bar = document.getElementById("selection");

  /** Selects an item, or no longer. */
  function toggle(item) {
    if (!item || !item.matches(".card, tr") || !document.getElementById("new")) return;
    const id = item.dataset.item;
    if (!chosen.delete(id)) chosen.add(id);
    show();
  }

  function clear() {
    chosen.clear();
    show();
  }

  /** The changes without a question that the menus of all selected cards offer. */
  function common() {
    const menus = [...chosen].map((id) => {
      const buttons = document.querySelectorAll(`.card[data-item="${CSS.escape(id)}"] .menu button[name=verb]`);
      return new Map([...buttons].map((button) => [button.value, button.textContent]));
    });
    const [first, ...others] = menus;
    return [...(first || [])].filter(([verb]) => others.every((menu) => menu.has(verb)));
  }

  /** Makes a change of each selected item, one after the other, and stops at the first refusal. */
  async function change(way, fields) {
    bar.inert = true;
    for (const id of [...chosen]) {
      const sent = new URLSearchParams({ ...fields, back: here() });
      if (!(await post(`/items/${id}/${way}`, sent, false))) break;
      chosen.delete(id);
    }
    bar.inert = false;
    const left = chosen.size;
    show();
    if (!left) say("All of them were changed.", "", "", true);
  }

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  function show() {
    // What another view shows is not selected here.
    for (const id of chosen) {
      if (!document.querySelector(`main [data-item="${CSS.escape(id)}"]`)) chosen.delete(id);
    }
    for (const one of document.querySelectorAll("main .card, main tr[data-item]")) {
      one.classList.toggle("selected", chosen.has(one.dataset.item));
    }
    bar.hidden = chosen.size === 0;
    if (bar.hidden) return;
    const count = document.createElement("b");
    count.textContent = `${chosen.size} selected`;
    const priority = document.createElement("select");
    priority.setAttribute("aria-label", "Priority of the selected items");
    priority.add(new Option("Priority", ""));
    for (const n of [0, 1, 2, 3, 4]) priority.add(new Option(`P${n}`, String(n)));
    priority.addEventListener("change", () => change("set", { field: "priority", value: priority.value }));
    const owner = document.createElement("form");
    const name = document.createElement("input");
    name.setAttribute("aria-label", "New owner of the selected items");
    name.placeholder = "Owner";
    name.size = 8;
    name.required = true;
    owner.append(name);
    owner.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      change("set", { field: "owner", value: name.value });
    });
    const verbs = common().map(([verb, label]) => button(label, () => change("move", { verb })));
    bar.replaceChildren(count, priority, owner, ...verbs, button("Clear", clear));
  }

  document.addEventListener("click", (event) => {
    const wish = event.target.closest(".card .menu .select");
    if (!wish) return;
    wish.closest("[popover]").hidePopover();
    toggle(wish.closest(".card"));
  });
  document.addEventListener("git-pm-put", () => bar.inert || show());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen.size && !document.querySelector("dialog[open], :popover-open")) clear();
  });
  return { toggle };
})();
