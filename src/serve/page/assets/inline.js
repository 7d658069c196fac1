// A marked value of an item's page becomes the field of its edit form: a click or Enter on it opens the
// field, Enter or leaving the field saves it alone, Escape gives up, and one that is refused stays open. Which values these are is what the
// server marks, and the field is the one that its form has.
"use strict";

(() => {
  const { here, parsed, post, say } = gitPm;

  function prepare() {
    for (const one of document.querySelectorAll("[data-edit]")) {
      one.tabIndex = 0;
      one.setAttribute("role", "button");
      one.title = `Change: ${one.closest("dd")?.previousElementSibling.textContent || "Title"}`;
    }
  }

  let isOpening = false;
  let leave = async () => true; // saves the field that is open; false if it stays open

  /** The edit form as it is now; none if it cannot be read. */
  async function current(path) {
    const answer = await fetch(path, { credentials: "same-origin", cache: "no-store" });
    return answer.ok ? parsed(await answer.text()).querySelector("form.page-form") : null;
  }

  async function edit(name) {
    if (isOpening) return;
    isOpening = true;
    const path = `/items/${document.querySelector(".head.item").dataset.item}/edit`;
    try {
      if (await leave()) {
        const form = await current(path);
        const field = form?.elements.namedItem(name);
        // The page may have been read again meanwhile.
        const at = document.querySelector(`[data-edit="${name}"]`);
        if (!field || !at) location.assign(path);
        else open(at, form, field);
      }
    } catch {
      say("The server is not responding.");
    }
    isOpening = false;
  }

  /** Puts a field of the edit form in the place of a value. */
  function open(one, form, field) {
    const name = field.name;
    const box = document.createElement("form");
    box.className = "inline";
    field.setAttribute("aria-label", form.querySelector(`label[for="${field.id}"]`).textContent);
    field.removeAttribute("id");
    const path = form.getAttribute("action");
    let [before, version] = [field.value, form.elements.version.value];
    box.append(document.adoptNode(field));
    one.hidden = true;
    one.after(box);
    field.focus();
    if (field.matches("input")) field.select();

    let saving = null;
    let isOver = false; // taking the field away is no reason to save it
    const close = (isAt) => {
      isOver = true;
      leave = async () => true;
      box.remove();
      one.hidden = false;
      if (isAt) one.focus();
    };
    const send = async (isAt) => {
      box.setAttribute("aria-busy", "true");
      const fields = new URLSearchParams({ version, [name]: field.value, back: here() });
      const isDone = await post(path, fields, false, box);
      box.removeAttribute("aria-busy");
      if (isDone) {
        close(false);
        if (isAt) document.querySelector(`[data-edit="${name}"]`)?.focus();
        return true;
      }
      // What was written stays. Whoever saves it once more has read what others changed.
      const now = await current(path).catch(() => null);
      if (now) [before, version] = [now.elements.namedItem(name).value, now.elements.version.value];
      return false;
    };
    const save = async (isAt) => {
      if (isOver || !box.isConnected) return true;
      // A day of which only a part was typed has no value.
      if (field.validity.badInput) return isAt ? field.reportValidity() : !close(false);
      if (field.value === before) return !close(isAt);
      saving ||= send(isAt).finally(() => (saving = null));
      return saving;
    };
    leave = () => save(false);

    // Keys go through the choices of a list one by one; a pointer picks one.
    let isByKey = false;
    field.addEventListener("pointerdown", () => (isByKey = false));
    field.addEventListener("change", () => field.matches("select") && !isByKey && save(true));
    field.addEventListener("blur", () => save(false));
    field.addEventListener("keydown", (event) => {
      isByKey = true;
      if (event.key === "Escape") {
        event.stopPropagation();
        close(true);
      } else if (event.key === "Enter" && !event.isComposing) {
        if (!field.matches("select")) event.preventDefault();
        setTimeout(() => save(true));
      }
    });
    box.addEventListener("submit", (event) => {
      event.preventDefault();
      save(true);
    });
  }

  // Saving one field puts the page anew under the pointer, so the next one is opened by its press.
  document.addEventListener("mousedown", (event) => {
    const one = event.target.closest("[data-edit]");
    if (!one || event.button !== 0 || !document.querySelector("form.inline")) return;
    event.preventDefault();
    edit(one.dataset.edit);
  });
  document.addEventListener("click", (event) => {
    const one = event.target.closest("[data-edit]");
    if (one && String(getSelection()) === "") edit(one.dataset.edit);
  });
  // What is typed for a field that is about to open is no shortcut.
  window.addEventListener("keydown", (event) => {
    if (!isOpening || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches("[data-edit]") || ![" ", "Enter"].includes(event.key)) return;
    event.preventDefault();
    edit(event.target.dataset.edit);
  });
  document.addEventListener("git-pm-put", prepare);
  prepare();
})();
