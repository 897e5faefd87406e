/* Comfort on top of pages that work without it: no framework, no inline code.
   data-focus            takes the focus when the page opens (error summary)
   data-words-of="id"    shows how many words the textarea holds
   data-offline          is shown while there is no network
   form[data-save]       sends itself on each change by POST with "Accept: application/json"; the answer is
                         {"saved": "Saved 12:04"} for the form's [data-saved]; a problem shows its "detail" there.
                         What did not arrive is sent again.
   form                  is sent once: a second press of its button is ignored */
"use strict";

const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();

for (const counter of document.querySelectorAll("[data-words-of]")) {
  const text = document.getElementById(counter.dataset.wordsOf);
  if (text) text.addEventListener("input", () => { counter.textContent = wordsIn(text.value); });
}

/* As the server counts: runs of characters between white space; in Chinese, characters. */
function wordsIn(text) {
  return (text.match(/[\u3400-\u9fff]|[^\s\u3400-\u9fff]+/g) || []).length;
}

for (const form of document.querySelectorAll("form[data-save]")) saveByItself(form);

function saveByItself(form) {
  const note = form.querySelector("[data-saved]");
  let timer, running = false, again = false;

  async function save() {
    if (running) { again = true; return; }
    running = true;
    again = false;
    say(note && note.dataset.saving);
    try {
      const answer = await fetch(form.getAttribute("data-save") || form.action, {
        method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, keepalive: true,
      });
      const told = await answer.json();
      say(answer.ok ? told.saved : told.detail);
      if (answer.status >= 500) later(8000);
    } catch (_) {
      say(note && note.dataset.unsaved);
      later(8000);
    } finally {
      running = false;
      if (again) later(300);
    }
  }
  function say(words) { if (note && words) note.textContent = words; }
  function later(milliseconds) { clearTimeout(timer); timer = setTimeout(save, milliseconds); }

  form.addEventListener("change", () => later(0));
  form.addEventListener("input", (event) => { if (event.target.matches("textarea")) later(2000); });
  form.addEventListener("submit", () => clearTimeout(timer));
  window.addEventListener("online", () => later(0));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.target === "_blank") return; // the window that it opened may have been closed
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

/* A wide table scrolls inside the text: the keyboard must reach it. */
for (const table of document.querySelectorAll(".prose table")) if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;

const offline = document.querySelector("[data-offline]");
function tellConnection() { if (offline) offline.hidden = navigator.onLine; }
window.addEventListener("online", tellConnection);
window.addEventListener("offline", tellConnection);
tellConnection();
