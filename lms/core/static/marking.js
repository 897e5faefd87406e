/* Single keys for marking; the pages work without it. They rest while somebody writes or holds another key.
   J K O   lines of table[data-queue]: next, previous, open
   N 0-9   fieldset.criterion: to the next one without a level; the level with so many points
   M C     to the mark, to the comment
   Ctrl+Enter saves the form.rubric, also while somebody writes */
"use strict";

document.addEventListener("keydown", (event) => {
  const rubric = document.querySelector("form.rubric, .rubric form");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && rubric) {
    event.preventDefault();
    rubric.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  const act = keys[event.code] || (/^(Digit|Numpad)\d$/.test(event.code) && choose);
  if (act && act(event.code) !== false) event.preventDefault();
});

/* By the place of the key, so that they work with a Cyrillic keyboard too. */
const keys = {
  KeyJ: () => move(1),
  KeyK: () => move(-1),
  KeyO: () => open(),
  KeyN: () => onward(),
  KeyM: () => focusOn("percent"),
  KeyC: () => focusOn("comment"),
};

function isWriting(place) {
  return place.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
}

function lines() { return [...document.querySelectorAll("table[data-queue] tbody a")]; }

function move(step) {
  const all = lines();
  if (!all.length) return false;
  const at = all.indexOf(document.activeElement);
  all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))].focus();
}

function open() {
  const all = lines();
  if (!all.length) return false;
  (all.includes(document.activeElement) ? document.activeElement : all[0]).click();
}

function criteria() {
  return [...document.querySelectorAll("fieldset.criterion")].filter((each) => each.querySelector("input[type=radio]"));
}

function present() {
  const all = criteria();
  return all.find((each) => each.contains(document.activeElement)) || all.find(isOpen) || all[0];
}

function isOpen(criterion) { return !criterion.querySelector("input[type=radio]:checked"); }

function onward() {
  const all = criteria(), at = all.findIndex((each) => each.contains(document.activeElement));
  const next = [...all.slice(at + 1), ...all.slice(0, at + 1)].find(isOpen);
  if (!next) return focusOn("comment");
  next.querySelector("input[type=radio]").focus();
}

function choose(code) {
  const level = present()?.querySelector(`input[type=radio][value="${code.at(-1)}"]`);
  if (!level) return false;
  level.checked = true;
  level.focus();
}

function focusOn(id) {
  const field = document.getElementById(id);
  if (!field) return false;
  field.focus();
}
