/* The preview beside a draft: made anew when the draft was saved (see data-save in bilim.js) or another example is chosen. */
"use strict";

const look = document.querySelector("[data-preview]");
const example = document.querySelector("[data-example]");
const note = document.querySelector("[data-saved]");
let running;

async function refresh() {
  if (running) running.abort();
  running = new AbortController();
  look.setAttribute("aria-busy", "true");
  if (!look.firstChild) look.textContent = look.dataset.waiting;
  try {
    const address = `${look.dataset.preview}?part=1&example=${encodeURIComponent(example.value)}`;
    const answer = await fetch(address, { signal: running.signal, headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.status);
    look.innerHTML = await answer.text();
    look.removeAttribute("aria-busy");
  } catch (problem) {
    if (problem.name === "AbortError") return;
    look.textContent = look.dataset.failed;
    look.removeAttribute("aria-busy");
  }
}

if (look && example) {
  example.addEventListener("change", refresh);
  if (note) {
    new MutationObserver(() => {
      if (note.textContent !== note.dataset.saving && note.textContent !== note.dataset.unsaved) refresh();
    }).observe(note, { childList: true, characterData: true, subtree: true });
  }
  refresh();
}
