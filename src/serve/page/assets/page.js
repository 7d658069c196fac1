// What the page does beside what its forms and links do: it adds to each change the proof that the
// change comes from this page, it reads itself again when something changes, cards can be dragged,
// and some keys are short ways. Without it, the page can be read, but changes nothing.
"use strict";

(() => {
  const WAIT = 200; // milliseconds in which several events are one change
  const note = document.getElementById("live");

  // ---- Live -------------------------------------------------------------------------------------

  // What lies under a pressed pointer stays: it may be a card about to be dragged.
  let isPressed = false;
  let isLate = false;
  document.addEventListener("pointerdown", (event) => (isPressed = event.button === 0));
  for (const end of ["pointerup", "pointercancel", "dragend", "contextmenu"]) {
    document.addEventListener(end, () => {
      isPressed = false;
      if (isLate) soon();
      isLate = false;
    });
  }

  /** True if somebody is writing in the page, or chose something that is not sent yet. */
  function isBusy() {
    const main = document.getElementById("main");
    const at = document.activeElement;
    if (at && main.contains(at) && at.closest("form") && at.matches("input, select, textarea")) {
      return true;
    }
    if (document.querySelector("dialog[open], .dragged")) {
      return true;
    }
    for (const field of main.querySelectorAll("input, select, textarea")) {
      const isBox = field.type === "checkbox" || field.type === "radio";
      if (field.type === "hidden") continue;
      if (isBox ? field.checked !== field.defaultChecked : false) return true;
      if (field.tagName === "SELECT") {
        const own = [...field.options].findIndex((option) => option.defaultSelected);
        if (field.selectedIndex !== Math.max(own, 0)) return true;
      } else if (!isBox && field.value !== field.defaultValue) {
        return true;
      }
    }
    return false;
  }

  function say(text, link, to) {
    note.textContent = text;
    if (link) {
      const again = document.createElement("a");
      again.href = to || location.href;
      again.textContent = link;
      if (!to) {
        again.addEventListener("click", (event) => {
          event.preventDefault();
          location.reload();
        });
      }
      note.append(" ", again);
    }
    note.hidden = text === "";
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

  async function signIn(fields) {
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch("/sign-in", { method: "POST", body: fields, headers });
      if (answer.ok) {
        const { proof } = await answer.json();
        if (kept(PROOF, proof) === proof) location.replace("/");
        else say("This browser keeps nothing for this page, so nothing can be changed. Allow it to store site data.");
      } else {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        say(page.querySelector(".problem")?.textContent || "Signing in failed.");
      }
    } catch {
      say("The server is not responding.");
    }
  }

  document.addEventListener("submit", (event) => {
    if (event.target.id === "sign-in") {
      event.preventDefault();
      signIn(new URLSearchParams(new FormData(event.target)));
    } else if (changes(event.target) && !kept(PROOF) && event.target.getAttribute("action") !== "/sign-out") {
      event.preventDefault();
      say("This browser has lost the proof that changes come from this page.", "Sign in again", "/sign-in");
    }
  });
  document.addEventListener("formdata", (event) => {
    if (changes(event.target) && kept(PROOF)) event.formData.set("csrf", kept(PROOF));
  });

  // The file that `git pm serve --open` opens leads here with a code that works once.
  if (location.pathname === "/sign-in" && location.hash) {
    const code = location.hash.slice(1);
    history.replaceState(null, "", "/sign-in");
    signIn(new URLSearchParams({ code }));
  }

  /** The parts of the page that its reader opened or scrolled to. */
  function view(main) {
    const open = [...main.querySelectorAll("details")].map((one) => one.open);
    const scrolled = [...main.querySelectorAll(".scroll, pre")].map((one) => [one.scrollLeft, one.scrollTop]);
    const at = main.contains(document.activeElement) ? document.activeElement : null;
    return { open, scrolled, href: at && at.getAttribute("href") };
  }

  function restore(main, seen) {
    main.querySelectorAll("details").forEach((one, n) => {
      if (seen.open[n] !== undefined) one.open = seen.open[n];
    });
    main.querySelectorAll(".scroll, pre").forEach((one, n) => {
      if (seen.scrolled[n]) [one.scrollLeft, one.scrollTop] = seen.scrolled[n];
    });
    if (seen.href) {
      const at = main.querySelector(`a[href="${CSS.escape(seen.href)}"]`);
      if (at) at.focus({ preventScroll: true });
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
    if (isPressed) {
      isLate = true;
      return;
    }
    if (isBusy()) {
      say("Something has changed.", "Reload the page");
      return;
    }
    reading = true;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
      const text = await answer.text();
      const found = new DOMParser().parseFromString(text, "text/html").getElementById("main");
      if (isPressed) {
        isLate = true;
      } else if (answer.ok && found && isBusy()) {
        say("Something has changed.", "Reload the page");
      } else if (answer.ok && found) {
        const main = document.getElementById("main");
        const seen = view(main);
        main.replaceWith(document.adoptNode(found));
        restore(found, seen);
        prepare();
        say("");
      } else {
        say("This page can no longer be read.", "Reload it");
      }
    } catch {
      say("The server is not responding.");
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
  let last = "";

  function follow() {
    if (source || document.hidden || !document.querySelector("main[data-live]")) return;
    source = new EventSource("/api/v1/events/stream" + (last ? `?since=${encodeURIComponent(last)}` : ""));
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
        last = "";
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
    if (document.querySelector("main[data-refresh]") && !isBusy()) soon();
  }, 3000);

  // ---- The board --------------------------------------------------------------------------------

  // The changes that bring a card to a column, the first one that it offers.
  const WAYS = {
    queued: ["drop", "unblock", "undefer", "reopen"],
    running: ["start", "unblock"],
    review: ["finish"],
    blocked: ["block", "defer"],
    completed: ["close", "done"],
    failed: ["cancel"],
  };
  let dragged = null;

  function drop(card, to, form) {
    const select = form.elements.verb;
    const offered = [...select.options].map((option) => option.value);
    const verb = (WAYS[to] || []).find((one) => offered.includes(one));
    if (verb) {
      select.value = verb;
      form.requestSubmit();
    } else {
      say(`${card.id} cannot be moved to “${to}” from its column. Possible changes: ${offered.join(", ")}.`);
    }
  }

  function prepare() {
    for (const board of document.querySelectorAll('.board[data-by="state"]')) {
      for (const card of board.querySelectorAll(".card")) {
        const form = card.querySelector("form");
        if (!form) continue;
        card.draggable = true;
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
      for (const cell of board.querySelectorAll(".cell")) {
        cell.addEventListener("dragover", (event) => {
          if (!dragged || cell.contains(dragged)) return;
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
            drop(card, cell.dataset.to, card.querySelector("form"));
          }
        });
      }
    }
  }

  // ---- Keys -------------------------------------------------------------------------------------

  const PLACES = { b: "/", l: "/list", g: "/graph", a: "/activity" };
  const keys = document.getElementById("keys");
  const own = document.getElementById("keys-on");

  // Keys of one letter are in the way of speech input, so they can be turned off.
  const KEYS = "git-pm-keys";
  own.checked = kept(KEYS) !== "off";
  own.addEventListener("change", () => kept(KEYS, own.checked ? "on" : "off"));
  const button = document.getElementById("keys-button");
  button.hidden = false;
  button.addEventListener("click", () => keys.showModal());

  document.addEventListener("keydown", (event) => {
    if (!own.checked) return;
    const writes = event.target.closest("input, select, textarea, [contenteditable]");
    if (writes || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("search").focus();
    } else if (event.key === "?") {
      event.preventDefault();
      keys.showModal();
    } else if (event.key === "r") {
      location.reload();
    } else if (PLACES[event.key]) {
      location.href = PLACES[event.key];
    }
  });

  prepare();
  follow();
})();
