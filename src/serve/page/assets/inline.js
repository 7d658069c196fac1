// A marked value of an item's page becomes the field of its edit form: a click or Enter on it opens the
// field, Enter or leaving the field saves it alone, Escape gives up. Which values these are is what the
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

  async function edit(one) {
    if (isOpening) return;
    isOpening = true;
    const name = one.dataset.edit;
    const path = `/items/${document.querySelector(".head.item").dataset.item}/edit`;
    try {
      const answer = await fetch(path, { credentials: "same-origin", cache: "no-store" });
      const form = parsed(await answer.text()).querySelector("form.page-form");
      const field = form?.elements.namedItem(name);
      // The page may have been read again meanwhile.
      const at = document.querySelector(`[data-edit="${name}"]`);
      if (!answer.ok || !field || !at) location.assign(path);
      else open(at, form, field);
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
    const [before, version] = [field.value, form.elements.version.value];
    box.append(document.adoptNode(field));
    one.hidden = true;
    one.after(box);
    field.focus();
    if (field.matches("input")) field.select();

    let isOver = false;
    const close = (isAt) => {
      isOver = true;
      box.remove();
      one.hidden = false;
      if (isAt) one.focus();
    };
    const save = async (isAt) => {
      if (isOver) return;
      if (field.value === before) return close(isAt);
      isOver = true;
      box.setAttribute("aria-busy", "true");
      const fields = new URLSearchParams({ version, [name]: field.value, back: here() });
      if (!(await post(form.getAttribute("action"), fields, false))) close(isAt);
      else if (isAt) document.querySelector(`[data-edit="${name}"]`)?.focus();
    };

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
      } else if (event.key === "Enter" && field.matches("select")) {
        setTimeout(() => save(true));
      }
    });
    box.addEventListener("submit", (event) => {
      event.preventDefault();
      save(true);
    });
  }

  document.addEventListener("click", (event) => {
    const one = event.target.closest("[data-edit]");
    if (one && String(getSelection()) === "") edit(one);
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches("[data-edit]") || ![" ", "Enter"].includes(event.key)) return;
    event.preventDefault();
    edit(event.target);
  });
  document.addEventListener("git-pm-put", prepare);
  prepare();
})();
