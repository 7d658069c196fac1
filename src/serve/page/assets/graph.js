// The size of a diagram: buttons, and the keys + - 0 while it has the focus. A new reading of the page keeps it.
"use strict";

(() => {
  const [LEAST, MOST, STEP] = [0.2, 3, 1.25];
  let scale = 1;

  function show(box, to) {
    const svg = box.querySelector("svg");
    const { width, height } = svg.viewBox.baseVal;
    // What is in the middle stays there.
    const middle = (box.scrollLeft + box.clientWidth / 2) / scale;
    scale = Math.min(MOST, Math.max(LEAST, to));
    svg.setAttribute("width", width * scale);
    svg.setAttribute("height", height * scale);
    box.scrollLeft = middle * scale - box.clientWidth / 2;
  }

  function zoom(box, how) {
    const { width } = box.querySelector("svg").viewBox.baseVal;
    const to = { "+": scale * STEP, "=": scale * STEP, "-": scale / STEP, 0: Math.min(1, box.clientWidth / width) }[how];
    if (to) show(box, to);
    return Boolean(to);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (button) zoom(button.closest(".zoom").nextElementSibling, button.dataset.zoom);
  });
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest(".graph");
    if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
    if (zoom(box, event.key)) event.preventDefault();
  });
  document.addEventListener("git-pm-put", () => {
    const box = document.querySelector(".graph");
    if (box && scale !== 1) show(box, scale);
  });
})();
