// The menus of filters open where they are: the values are read when a menu is opened, and again for
// the words in its field.
"use strict";

(() => {
  const { parsed, say } = gitPm;
  const WAIT = 150; // milliseconds without a key after which values are searched

  async function read(href, words) {
    const answer = await fetch(href + (words ? `&words=${encodeURIComponent(words)}` : ""), { credentials: "same-origin" });
    const page = parsed(await answer.text());
    return [...page.querySelectorAll(".values, .values ~ p")].map((one) => document.adoptNode(one));
  }

  async function open(link) {
    const href = link.getAttribute("href");
    const field = document.createElement("input");
    field.placeholder = "Find";
    field.autocomplete = "off";
    field.spellcheck = false;
    field.setAttribute("aria-label", `Find a ${link.dataset.filter}`);
    const menu = document.createElement("div");
    menu.className = "menu";
    menu.popover = "auto";
    const found = document.createElement("div");
    menu.append(field, found);
    const show = async () => {
      const words = field.value.trim();
      const values = await read(href, words);
      if (words === field.value.trim()) found.replaceChildren(...values);
    };
    try {
      await show();
    } catch {
      return say("The server is not responding.");
    }
    let timer = 0;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, WAIT);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      // Without words the first entry is that any value will do.
      menu.querySelectorAll(".values a")[field.value.trim() ? 1 : 0]?.click();
    });
    menu.addEventListener("toggle", (event) => {
      if (event.newState === "closed") menu.remove();
    });
    link.after(menu);
    menu.showPopover();
    return undefined;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-filter]");
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
})();
