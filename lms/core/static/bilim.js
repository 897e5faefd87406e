/* Comfort on top of pages that work without it: no framework, no inline code.
   data-focus            takes the focus when the page opens (error summary)
   data-words-of="id"    shows how many words the textarea holds
   data-offline          is shown while there is no network
   form[data-save]       sends itself on each change by POST with "Accept: application/json" until its newest state
                         has arrived; the form's [data-saved] says how far it is, and leaving the page asks first.
                         Answers: {"saved": "Saved 12:04", "revision": 3, "next": url}, {"saved": sentence,
                         "refused": true} for what cannot be kept as it is, {"ended": sentence, "next": url}; problem
                         details show their "detail". Fields with an underscore are about the page: see courses.newer
   form[data-onward]     goes on to "next" by its button, once it is saved
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

/* One request at a time, so that an older state never overtakes a newer one. */
function saveByItself(form) {
  const note = form.querySelector("[data-saved]") || document.createElement("p");
  const words = note.dataset;
  let timer, running = false, unsaved = false, changed = false, waited = false, onward = false, failures = 0, turn = 0;

  async function save() {
    if (running) { changed = true; return; }
    running = unsaved = true;
    changed = false;
    say("saving", words.saving);
    const [status, told] = await send();
    running = false;
    if (told.ended) { unsaved = false; say("ended", told.ended, [[words.further, () => location.assign(told.next)]]); }
    else if (status < 400) arrived(told);
    else if (status === 409 && told.revision) ask(told);
    else if ([401, 403, 404, 429].includes(status) || status >= 500) tryAgain(status >= 500 ? "" : told.detail);
    else say("refused", told.detail);
  }
  async function send() {
    const body = new FormData(form);
    body.append("_turn", ++turn);
    if (waited) body.append("_waited", "1");
    const stop = new AbortController(), clock = setTimeout(() => stop.abort(), 30000);
    try {
      const answer = await fetch(form.dataset.save || form.action, {
        method: "POST", body, headers: { Accept: "application/json" }, keepalive: true, signal: stop.signal,
      });
      return [answer.status, await answer.json()];
    } catch (_) {
      return [599, {}];
    } finally { clearTimeout(clock); }
  }
  function arrived(told) {
    unsaved = changed || Boolean(told.refused);
    failures = 0;
    waited = false;
    if (told.revision && form.elements._seen) form.elements._seen.value = told.revision;
    say(told.refused ? "refused" : "saved", told.saved);
    if (changed) later(300);
    else if (onward && told.refused) form.submit();
    else if (onward && told.next) location.assign(told.next);
  }
  function tryAgain(detail) {
    waited = true;
    say("waiting", [detail, words.unsaved].filter(Boolean).join(" "));
    later(Math.min(60000, 2000 * 2 ** failures++) * (0.8 + 0.4 * Math.random()));
  }
  /* Two pages answered the same question: the person decides which answer holds. */
  function ask(told) {
    onward = false;
    say("refused", `${told.detail} «${told.other.join(" · ")}»`, [
      [words.keep, () => { form.elements._seen.value = told.revision; waited = false; save(); }],
      [words.take, () => { unsaved = false; location.replace(form.dataset.save); }],
    ]);
  }
  function say(state, text, actions = []) {
    if (!text) return;
    words.state = state;
    note.textContent = text;
    for (const [label, act] of actions) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button quiet";
      button.textContent = label || "";
      button.addEventListener("click", act);
      note.append(" ", button);
    }
  }
  function later(milliseconds) { clearTimeout(timer); timer = setTimeout(save, milliseconds); }
  function change(milliseconds) { unsaved = changed = true; later(milliseconds); }

  form.addEventListener("change", () => change(0));
  form.addEventListener("input", (event) => { if (event.target.matches("textarea, [type=text]")) change(2000); });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!("onward" in form.dataset)) { unsaved = false; return; }
    event.preventDefault();
    onward = true;
    change(0);
  });
  window.addEventListener("online", () => { failures = 0; if (unsaved) later(0); });
  document.addEventListener("visibilitychange", () => { if (document.hidden && changed) later(0); });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  /* What a browser puts back into the form after a reload was perhaps never sent, and is perhaps old. */
  window.addEventListener("pageshow", (event) => setTimeout(() => {
    if (event.persisted || ![...form.elements].some(isFilledIn)) return;
    waited = true;
    if (form.elements._seen) form.elements._seen.value = 0;
    change(0);
  }));
}

/* Whether a field holds something else than the server wrote into it. */
function isFilledIn(field) {
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
  return field.matches("textarea, [type=text]") && field.value !== field.defaultValue;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
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
