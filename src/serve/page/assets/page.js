// What the page does beside what its forms and links do: it adds to each change the proof that the
// change comes from this page, it shows forms and refusals where one is, it reads itself again when
// something changes, and cards can be dragged. Without it, the page can be read, but changes nothing.
// keys.js adds the keys and the palette.
"use strict";

const gitPm = (() => {
  const WAIT = 200; // milliseconds in which several events are one change
  const SHOWN = 6000; // milliseconds for which good news is shown
  const note = document.getElementById("live");
  const dialog = document.getElementById("ask");
  const main = () => document.getElementById("main");
  const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

  // ---- Live -------------------------------------------------------------------------------------

  // What lies under a pressed pointer stays: it may be a card about to be dragged. So does the page
  // below an open menu or dialog.
  let isPressed = false;
  let isLate = false;
  let sending = 0; // changes whose answers, which are newer than what is read meanwhile, are still to come
  const late = () => {
    if (isLate) soon();
    isLate = false;
  };
  document.addEventListener("pointerdown", (event) => (isPressed = event.button === 0));
  for (const end of ["pointerup", "pointercancel", "dragend", "contextmenu"]) {
    document.addEventListener(end, () => {
      isPressed = false;
      late();
    });
  }

  const isCovered = () => document.querySelector("dialog[open], .dragged, :popover-open") !== null;
  const isHeldBack = () => isPressed || isCovered() || sending > 0;

  /** True if somebody is writing in the page, or chose something that is not sent yet. */
  function isBusy() {
    const at = document.activeElement;
    const isField = at && at.matches("input, select, textarea");
    return (isField && main().contains(at) && at.closest("form") !== null) || isDirty(main());
  }

  const isBox = (field) => field.type === "checkbox" || field.type === "radio";

  /** True if a field differs from what the server sent. */
  function differs(field) {
    if (field.type === "hidden") return false;
    if (isBox(field)) return field.checked !== field.defaultChecked;
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    const own = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(own, 0);
  }

  const fields = (inside) => [...inside.querySelectorAll("input, select, textarea")];
  const isDirty = (inside) => fields(inside).some(differs);

  // ---- What is not saved yet ----------------------------------------------------------------------

  /** What a field is in every answer of the server: its form's address, its name, and a box's value. */
  function named(field) {
    const action = field.form?.getAttribute("action") || "";
    return JSON.stringify([action, field.name || field.id, isBox(field) ? field.value : ""]);
  }

  /** The fields that their reader changed, but for those of a form that was sent. */
  const written = (inside, sent) => fields(inside).filter((field) => differs(field) && (!sent || field.form !== sent));

  /** Puts what was written into the fields of a newer answer; the fields that it no longer has. */
  function rewrite(inside, kept) {
    const all = new Map(fields(inside).map((field) => [named(field), field]));
    return kept.filter((field) => {
      const to = all.get(named(field));
      const isOffered = to?.tagName !== "SELECT" || [...to.options].some((one) => one.value === field.value);
      if (!to || !isOffered) return true;
      if (isBox(field)) to.checked = field.checked;
      else to.value = field.value;
      return false;
    });
  }

  // What narrows a view is not lost: it is sent by going there.
  const isLoss = (field) => field.form && (changes(field.form) || field.form.matches(".inline"));
  let leaving = null; // the form that was sent
  const isUnsaved = () => written(main(), leaving).some(isLoss) || (dialog.open && written(dialog, leaving).some(isLoss));
  window.addEventListener("beforeunload", (event) => isUnsaved() && event.preventDefault());

  // A text of the library begins in lower case; a name at its beginning stays as it is.
  const sentence = (text) => (/^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text);
  let hiding = 0;

  // What came of an action stays until it is closed or the next action, whatever is read meanwhile. What is said
  // of the page beside it, such as that it is not up to date, goes when the page is.
  const told = { action: null, page: null };

  function showTold() {
    const lines = Object.values(told).filter(Boolean).map(({ text, link, to }) => {
      const line = document.createElement("p");
      line.append(sentence(text));
      if (!link) return line;
      const action = document.createElement("a");
      action.href = to || location.href;
      action.textContent = link;
      if (!to) {
        action.addEventListener("click", (event) => {
          event.preventDefault();
          reload();
        });
      }
      line.append(action);
      return line;
    });
    note.hidden = lines.length === 0;
    note.replaceChildren(...lines);
    if (note.hidden) return;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "✕";
    close.setAttribute("aria-label", "Close");
    close.addEventListener("click", () => {
      told.page = null;
      say("");
    });
    note.append(close);
  }

  /** Says that the page is not what it should be, until it is read again. */
  function warn(text, link) {
    told.page = text && { text, link };
    showTold();
  }

  /** Shows what came of an action, until it is closed or, if it is good news, for some seconds. */
  function say(text, link, to, isGood) {
    clearTimeout(hiding);
    told.action = text && { text, link, to };
    showTold();
    if (isGood) hiding = setTimeout(() => say(""), SHOWN);
  }

  /** A value in the storage of this origin, which is null where the browser keeps nothing. */
  function kept(name, value) {
    try {
      if (value !== undefined) localStorage.setItem(name, value);
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  }

  // ---- Changes ----------------------------------------------------------------------------------

  // A cookie is sent to every port of its host, this storage belongs to one port. So a change needs
  // both. The proof is never in the document.
  const PROOF = "git-pm-proof";
  const changes = (form) => form.getAttribute("method") === "post";
  const here = () => location.pathname + location.search;

  async function signIn(fields) {
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch("/sign-in", { method: "POST", body: fields, headers });
      if (answer.ok) {
        const { proof } = await answer.json();
        leaving = document.getElementById("sign-in");
        if (kept(PROOF, proof) === proof) location.replace("/");
        else say("This browser keeps nothing for this page, so nothing can be changed. Allow it to store site data.");
      } else {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const said = [...page.querySelectorAll(".problem, .advice")].map((one) => one.textContent.trim());
        say(said.join(". ") || "Signing in failed.");
      }
    } catch {
      say("The server is not responding.");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id === "sign-in") {
      event.preventDefault();
      signIn(new URLSearchParams(new FormData(form)));
    } else if (changes(form) && form.getAttribute("action") !== "/sign-out") {
      event.preventDefault();
      send(form, event.submitter);
    }
  });
  document.addEventListener("formdata", (event) => {
    const form = event.target;
    if (!changes(form)) return;
    if (kept(PROOF)) event.formData.set("csrf", kept(PROOF));
    // A form that is a page of its own leads to what it changed, any other one back to this page.
    // A new item is told of with a link to it.
    if (form.getAttribute("action") === "/items") return;
    if (dialog.contains(form) || !form.matches(".page-form")) event.formData.set("back", here());
  });

  /** Sends a form, and shows what comes of it where one is. */
  async function send(form, submitter) {
    if (form.getAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    const fields = new URLSearchParams(new FormData(form, submitter));
    if (form.matches(":popover-open")) form.hidePopover();
    const isDone = await post(form.getAttribute("action"), fields, dialog.contains(form), form);
    form.removeAttribute("aria-busy");
    if (isDone && !dialog.contains(form)) form.reset();
  }

  /** Makes a change, which a form of the page may have; true if it was made. */
  async function post(path, fields, inDialog, form) {
    const tell = inDialog ? refuse : say;
    say("");
    if (!kept(PROOF)) {
      tell("This browser has lost the proof that changes come from this page.", "Sign in again", "/sign-in");
      return false;
    }
    fields.set("csrf", kept(PROOF));
    sending += 1;
    try {
      const answer = await fetch(path, { method: "POST", body: fields, credentials: "same-origin" });
      const page = parsed(await answer.text());
      if (!answer.ok) {
        const said = page.querySelector(".problem")?.textContent || "The request was refused.";
        const advice = page.querySelector(".advice a") || page.querySelector("#main > p > a");
        if (answer.status === 401) tell(said, "Sign in", "/sign-in");
        else if (answer.status === 412 && inDialog) tell(said, "Show the changes and keep what I wrote", dialog.dataset.from);
        else if (answer.status === 412) tell(said, "Reload the page");
        else if (!advice || advice.getAttribute("href") === location.pathname) tell(said);
        else tell(said, advice.textContent, advice.getAttribute("href"));
        return false;
      }
      if (inDialog) dialog.close();
      for (const menu of document.querySelectorAll(":popover-open")) menu.hidePopover();
      const to = new URL(answer.url);
      const told = [...page.querySelectorAll(".said li")].map((one) => one.textContent);
      page.querySelector(".said")?.remove();
      if (inDialog && path === "/items") {
        await reload();
        const id = decodeURIComponent(to.pathname.split("/").pop());
        say([...told, "Created"].join(". "), id, to.pathname, !told.length);
        (document.querySelector(`[data-item="${CSS.escape(id)}"] a.title`) || note.querySelector("a")).focus();
      } else if (to.pathname + to.search === here()) {
        put(page.getElementById("main"), form);
        if (told.length) say(told.join(". "));
      } else {
        leaving = form;
        location.assign(answer.url);
      }
      return true;
    } catch {
      tell("The server is not responding.");
      return false;
    } finally {
      sending -= 1;
      late();
    }
  }

  // Enter makes a line in a long text, so with Ctrl it sends the form.
  document.addEventListener("keydown", (event) => {
    const form = event.target.matches("input, select, textarea") ? event.target.form : null;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !form || !changes(form)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button:not([type=button])"));
  });

  // ---- Forms in a dialog ------------------------------------------------------------------------

  let isWarned = false;

  /** Shows the form of another page in a dialog, with what was written in an older answer of it. */
  async function ask(href, kept = []) {
    try {
      const answer = await fetch(href, { credentials: "same-origin", cache: "no-store" });
      const page = parsed(await answer.text());
      if (!answer.ok || !page.querySelector("form.page-form")) return location.assign(href);
      fill(page, href, kept);
    } catch {
      say("The server is not responding.");
    }
  }

  /** Puts a form into the dialog. The focus stays in its field. */
  function fill(page, href, kept) {
    const at = dialog.contains(document.activeElement) ? document.activeElement.name : "";
    const form = page.querySelector("form.page-form");
    const title = document.createElement("h2");
    title.id = "ask-title";
    title.textContent = page.querySelector("h1").textContent;
    const cancel = document.createElement("button");
    cancel.type = "button";
    // Not the name of a status change, which the other button may have.
    cancel.textContent = "Go back";
    cancel.addEventListener("click", () => mayDiscard() && dialog.close());
    form.querySelector(".row").append(cancel);
    dialog.replaceChildren(title, ...page.querySelectorAll("#main > .dim"), document.adoptNode(form));
    dialog.dataset.from = href;
    rewrite(dialog, kept);
    isWarned = false;
    if (!dialog.open) dialog.showModal();
    const first = dialog.querySelector("input:not([type=hidden]), textarea, select");
    ((at && document.getElementById(`f-${at}`)) || first).focus();
  }

  /** Shows in an open form what others changed, as long as nothing is written in it. */
  async function refill() {
    const version = (inside) => inside.querySelector('input[name="version"]')?.value;
    const from = dialog.dataset.from;
    if (!version(dialog) || isDirty(dialog)) return;
    try {
      const answer = await fetch(from, { credentials: "same-origin", cache: "no-store" });
      const page = parsed(await answer.text());
      const isSame = dialog.open && dialog.dataset.from === from && !sending && !isDirty(dialog);
      if (isSame && version(page) && version(page) !== version(dialog)) fill(page, from, []);
    } catch {
      // What is saved is compared with the present version.
    }
  }

  /** Shows why the form in the dialog was refused. */
  function refuse(text, link, to) {
    dialog.querySelector(".problem")?.remove();
    const problem = document.createElement("p");
    problem.className = "problem";
    problem.setAttribute("role", "alert");
    problem.textContent = `${sentence(text)} `;
    if (link) {
      const action = document.createElement("a");
      action.href = to || location.href;
      action.textContent = link;
      if (to && to === dialog.dataset.from) {
        action.addEventListener("click", (event) => {
          event.preventDefault();
          ask(to, written(dialog));
        });
      }
      problem.append(action);
    }
    dialog.querySelector("h2").after(problem);
    // The button that was pressed may be far below.
    problem.scrollIntoView({ block: "nearest" });
  }

  /** True if the dialog may be closed; what was written in it is discarded at the second attempt only. */
  function mayDiscard() {
    if (isWarned || !isDirty(dialog)) return true;
    isWarned = true;
    refuse("Go back once more to discard what you wrote.");
    return false;
  }
  dialog.addEventListener("cancel", (event) => mayDiscard() || event.preventDefault());
  dialog.addEventListener("close", late);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-ask]");
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    ask(link.getAttribute("href"));
  });

  // ---- Menus ------------------------------------------------------------------------------------

  /** Puts an open menu below its button, inside the window. */
  function place(menu) {
    const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`) || menu.previousElementSibling;
    const by = button.getBoundingClientRect();
    menu.classList.add("placed");
    const left = Math.min(by.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8);
    const top = Math.min(by.bottom + 4, innerHeight - menu.offsetHeight - 8);
    menu.style.left = `${Math.max(8, left)}px`;
    menu.style.top = `${Math.max(8, top)}px`;
  }

  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (event.newState !== "open") {
      late();
    } else if (menu instanceof Element && menu.matches(".menu[popover]")) {
      place(menu);
      menu.querySelector("input, a, button:not([hidden])")?.focus();
    }
  }, true);

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest(".menu:popover-open");
    if (!menu) return;
    const all = [...menu.querySelectorAll("a, button:not([hidden])")];
    const at = all.indexOf(event.target);
    // In a field above the entries, Home and End are those of its text.
    const ends = at < 0 ? {} : { Home: 0, End: -1 };
    const to = { ArrowDown: at + 1, ArrowUp: Math.max(at, 0) - 1, ...ends }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  });

  // The file that `git pm serve --open` opens leads here with a code that works once.
  if (location.pathname === "/sign-in" && location.hash) {
    const code = location.hash.slice(1);
    history.replaceState(null, "", "/sign-in");
    signIn(new URLSearchParams({ code }));
  }

  /** The parts of the page that its reader opened or scrolled to. */
  const SCROLLED = ".scroll, pre, .board, .cell";
  function view(inside) {
    const open = [...inside.querySelectorAll("details")].map((one) => one.open);
    const scrolled = [...inside.querySelectorAll(SCROLLED)].map((one) => [one.scrollLeft, one.scrollTop]);
    const at = inside.contains(document.activeElement) ? document.activeElement : null;
    const item = at && at.closest("[data-item]");
    const field = at && at.matches("input, select, textarea") && { name: named(at), from: at.selectionStart, to: at.selectionEnd };
    const cards = new Set([...inside.querySelectorAll(".card")].map((card) => card.id));
    return { open, scrolled, field, href: at && at.getAttribute("href"), edit: at && at.dataset.edit, item: item && item.dataset.item, cards };
  }

  function restore(inside, seen) {
    inside.querySelectorAll("details").forEach((one, n) => {
      if (seen.open[n] !== undefined) one.open = seen.open[n];
    });
    inside.querySelectorAll(SCROLLED).forEach((one, n) => {
      if (seen.scrolled[n]) [one.scrollLeft, one.scrollTop] = seen.scrolled[n];
    });
    const item = seen.item && inside.querySelector(`[data-item="${CSS.escape(seen.item)}"] a.title`);
    const field = seen.field && fields(inside).find((one) => named(one) === seen.field.name);
    const edit = seen.edit && inside.querySelector(`[data-edit="${CSS.escape(seen.edit)}"]`);
    const at = field || item || edit || (seen.href && inside.querySelector(`a[href="${CSS.escape(seen.href)}"]`));
    if (at) at.focus({ preventScroll: true });
    if (field && typeof seen.field.from === "number") field.setSelectionRange(seen.field.from, seen.field.to);
    for (const card of inside.querySelectorAll(".card")) {
      if (seen.cards.size && !seen.cards.has(card.id)) card.classList.add("fresh");
    }
  }

  /**
   * True if a newer answer decides about something else, such as a commit that the reader has not seen. That is
   * told instead of shown, so that no button changes its meaning.
   */
  function isHeld(found) {
    const [was, now] = [main(), found].map((one) => one.querySelector("[data-decides]")?.dataset);
    if (!was || (was.decides === now?.decides && was.status === now.status)) return false;
    for (const one of main().querySelectorAll(".decide button")) one.disabled = true;
    const news = was.decides === now?.decides ? now.now : now?.newer;
    warn(`${news || "Something has changed"}:`, "show it");
    return true;
  }

  let version = 0; // of the content

  /** Puts new content in place of the old, with what is written in other forms than the one that was sent. */
  function put(found, sent, isAsked) {
    const old = main();
    if (!isAsked && !sent?.matches(".decide form") && isHeld(found)) return;
    if (rewrite(found, written(old, sent)).some(isLoss)) {
      warn("Something has changed, and the page has no place any more for what you are writing.", "Reload the page");
      return;
    }
    const seen = view(old);
    const [line, fresh] = [document, found.ownerDocument].map((one) => one.getElementById("sync"));
    if (line && fresh) {
      const isChosen = line.contains(document.activeElement);
      line.replaceWith(document.adoptNode(fresh));
      if (isChosen) fresh.querySelector("button")?.focus();
    }
    old.replaceWith(document.adoptNode(found));
    prepare();
    version += 1;
    if (told.page) warn("");
    document.dispatchEvent(new Event("git-pm-put"));
    // Last: some of it can have the focus only now.
    restore(found, seen);
  }

  /** Reads the page again although it has unsaved text. Where that would lose something, the browser asks. */
  async function reload() {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
      const found = parsed(await answer.text()).getElementById("main");
      const isKept = answer.ok && found && !rewrite(found, written(main())).some(isLoss);
      if (isKept) put(found, null, true);
      else location.reload();
    } catch {
      say("The server is not responding.");
    }
  }

  let reading = false;
  let again = false;

  /** Reads this page again and puts its content in place. */
  async function read() {
    if (reading) {
      again = true;
      return;
    }
    if (isHeldBack()) {
      isLate = true;
      if (dialog.open && !sending) refill();
      return;
    }
    if (isBusy() && !main().querySelector("[data-decides]")) {
      warn("Something has changed.", "Reload the page");
      return;
    }
    reading = true;
    const before = version;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
      const text = await answer.text();
      const found = parsed(text).getElementById("main");
      if (isHeldBack()) {
        isLate = true;
      } else if (version !== before) {
        // Asked before what is shown by now, it may be older.
        again = true;
      } else if (answer.ok && found && isBusy()) {
        if (!isHeld(found)) warn("Something has changed.", "Reload the page");
      } else if (answer.ok && found) {
        put(found);
      } else {
        warn("This page can no longer be read.", "Reload it");
      }
    } catch {
      warn("The server is not responding.");
    } finally {
      reading = false;
      if (again) {
        again = false;
        soon();
      }
    }
  }

  let timer = 0;

  function soon() {
    if (timer === 0) {
      timer = setTimeout(() => {
        timer = 0;
        if (source) read();
      }, WAIT);
    }
  }

  // A browser has few connections to one server, so a tab that nobody looks at keeps none.
  let source = null;
  let last = ""; // the event to continue from; null if that is lost

  function follow() {
    if (source || document.hidden || !document.querySelector("main[data-live]")) return;
    // What happens after the page was written and before this is opened is not missed.
    const since = last === "" ? main().dataset.live : last;
    source = new EventSource("/api/v1/events/stream" + (since ? `?since=${encodeURIComponent(since)}` : ""));
    let lost = false;
    source.onmessage = (event) => {
      last = event.lastEventId;
      soon();
    };
    source.onerror = () => {
      lost = true;
      if (source && source.readyState === EventSource.CLOSED) {
        // Too many readers, a restart, or an event that is gone: later again, from then on.
        leave();
        last = null;
        setTimeout(() => {
          follow();
          soon();
        }, 10000);
      }
    };
    source.onopen = () => {
      if (lost) soon();
      lost = false;
    };
  }

  function leave() {
    if (source) source.close();
    source = null;
  }

  function come() {
    follow();
    // Without an event to continue from, what happened meanwhile is not known.
    if (source && !last && !isBusy()) read();
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : come()));
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => event.persisted && come());

  setInterval(() => {
    if (document.querySelector("main[data-refresh]") && !isBusy() && !isCovered()) soon();
  }, 3000);

  // ---- The board --------------------------------------------------------------------------------

  // The changes that bring a card to a column, the first one that it offers.
  const WAYS = {
    queued: ["drop", "unblock", "undefer", "reopen"],
    in_progress: ["start", "unblock"],
    in_review: ["finish"],
    blocked: ["block", "defer"],
    done: ["merge", "done", "close"],
    cancelled: ["cancel"],
  };
  let dragged = null;

  function drop(card, cell, by) {
    const to = cell.dataset.to;
    const menu = card.querySelector("form.menu");
    if (by !== "state") {
      post(`/items/${card.dataset.item}/set`, new URLSearchParams({ field: by, value: to, back: here() }));
      return;
    }
    const offered = new Map();
    for (const one of menu.querySelectorAll("button[name=verb], a[data-ask]")) {
      offered.set(one.value || one.dataset.ask, one);
    }
    const verb = (WAYS[to] || []).find((one) => offered.has(one));
    const way = offered.get(verb);
    // What is not offered is refused, with the reason.
    if (!verb) post(`/items/${card.dataset.item}/move`, new URLSearchParams({ verb: (WAYS[to] || [])[0], back: here() }));
    else if (way.tagName === "A") ask(way.getAttribute("href"));
    else menu.requestSubmit(way);
  }

  function prepare() {
    times();
    document.documentElement.classList.add("has-script");
    // A narrow screen shows a row as a paragraph, in which each value has the name of its column.
    for (const table of document.querySelectorAll(".scroll table:not(.rows)")) {
      const heads = [...(table.tHead?.rows[0]?.cells || [])].map((one) => one.textContent);
      for (const row of table.tBodies[0]?.rows || []) {
        [...row.cells].forEach((cell, n) => (cell.dataset.label = heads[n] || ""));
      }
      table.classList.add("labelled");
    }
    for (const view of document.querySelectorAll(".views a")) {
      if (view.search === location.search) view.setAttribute("aria-current", "page");
    }
    for (const board of document.querySelectorAll(".board")) {
      const by = board.dataset.by;
      for (const card of board.querySelectorAll(".card")) {
        if (!card.querySelector("form.menu") || !card.closest("[data-to]")) continue;
        card.draggable = true;
        card.querySelector("a.title").draggable = false;
        card.addEventListener("dragstart", (event) => {
          dragged = card;
          card.classList.add("dragged");
          event.dataTransfer.effectAllowed = "move";
          event.dataTransfer.setData("text/plain", card.id);
        });
        card.addEventListener("dragend", () => {
          card.classList.remove("dragged");
          dragged = null;
          document.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));
        });
      }
      for (const cell of board.querySelectorAll(".cell[data-to]")) {
        cell.addEventListener("dragover", (event) => {
          if (!dragged || cell.contains(dragged) || !board.contains(dragged)) return;
          event.preventDefault();
          event.dataTransfer.dropEffect = "move";
          cell.classList.add("over");
        });
        cell.addEventListener("dragleave", (event) => {
          if (!cell.contains(event.relatedTarget)) cell.classList.remove("over");
        });
        cell.addEventListener("drop", (event) => {
          event.preventDefault();
          const card = dragged;
          if (card) {
            card.classList.remove("dragged");
            drop(card, cell, by);
          }
        });
      }
    }
  }

  // A choice of what a page shows takes effect at once.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form.options");
    if (form && event.target.matches("select, [type=checkbox]")) form.requestSubmit();
  });

  // A click on the number of a line begins a remark about it.
  document.addEventListener("click", (event) => {
    const line = event.target.closest(".difference [data-n]");
    const text = document.getElementById("return");
    if (!line || !text || line.tagName === "DEL" || String(getSelection()) !== "") return;
    if (event.clientX > line.getBoundingClientRect().left + 60) return;
    const place = `${line.parentElement.dataset.path}:${line.dataset.n}: `;
    text.value += (text.value && !text.value.endsWith("\n") ? "\n" : "") + place;
    text.focus();
  });

  // ---- Times ------------------------------------------------------------------------------------

  const UNITS = [["hour", 36e5], ["minute", 6e4]];
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
  const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);

  /** Times as people say them, in the time zone of the reader; the exact one is in the title. */
  function times() {
    for (const one of document.querySelectorAll("time[datetime]")) {
      const iso = one.getAttribute("datetime");
      const isDay = "day" in one.dataset;
      // A day is the same one in every time zone: without an offset this is the reader's midnight.
      const at = new Date(isDay ? `${iso.slice(0, 10)}T00:00` : iso);
      if (Number.isNaN(at.getTime()) || at.getFullYear() < 1971) continue;
      const from = at - Date.now();
      // Days are those of the calendar: a day of daylight saving has 23 or 25 hours.
      const days = Math.round((midnight(at) - midnight(Date.now())) / 864e5);
      const unit = UNITS.find(([, length]) => Math.abs(from) >= length);
      one.title = isDay ? iso : `${at.toLocaleString()} (${iso})`;
      if (Math.abs(days) >= 7) {
        const isNear = isDay && at.getFullYear() === new Date().getFullYear();
        one.textContent = at.toLocaleDateString("en", isNear ? { day: "numeric", month: "short" } : { dateStyle: "medium" });
      } else if (isDay || Math.abs(from) >= 864e5) {
        one.textContent = relative.format(days, "day");
      } else {
        one.textContent = unit ? relative.format(Math.trunc(from / unit[1]), unit[0]) : "just now";
      }
    }
  }
  setInterval(times, 60000);

  prepare();
  const tabs = document.querySelector(".top nav");
  const tab = tabs?.querySelector("[aria-current]");
  if (tab) tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
  follow();
  return { ask, here, kept, parsed, post, reload, say };
})();
