/* Questions, beyond what their forms do by themselves.
   [data-sorting]        lines with lists of places become lines that two arrows move
   [data-scene]          the next step of a story appears when the one before is decided
   [data-seconds-left]   counts down, and opens the address data-over when the time and its grace are over */
"use strict";

for (const list of document.querySelectorAll("[data-sorting]")) sortByArrows(list);
const scenes = [...document.querySelectorAll("[data-scene]")];
if (scenes.length) { document.addEventListener("change", tellStory); tellStory(); }
for (const clock of document.querySelectorAll("[data-seconds-left]")) countDown(clock);

function sortByArrows(list) {
  const lines = () => [...list.children], place = (line) => line.querySelector("select");
  if (lines().every((line) => place(line).value)) {
    list.append(...lines().sort((one, other) => place(one).value - place(other).value));
  }
  for (const line of lines()) {
    line.querySelector(".place").hidden = true;
    line.querySelector(".moves").hidden = false;
  }
  for (const hint of document.querySelectorAll("[data-with-script]")) hint.hidden = false;
  showEnds();

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(button.closest("li"), button);
  });
  function move(line, button) {
    const up = button.dataset.move < 0, other = up ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (up) other.before(line); else other.after(line);
    lines().forEach((each, index) => { place(each).value = String(index + 1); });
    showEnds();
    (button.disabled ? line.querySelector("[data-move]:not(:disabled)") : button).focus();
    const said = document.querySelector("[data-sorted]");
    if (said) said.textContent = list.dataset.moved.replace("#", place(line).value);
    place(line).dispatchEvent(new Event("change", { bubbles: true }));
  }
  function showEnds() {
    lines().forEach((line, index, all) => {
      line.querySelector("[data-move='-1']").disabled = index === 0;
      line.querySelector("[data-move='1']").disabled = index === all.length - 1;
    });
  }
}

function tellStory() {
  let isDecided = true;
  for (const scene of scenes) {
    scene.hidden = !isDecided;
    isDecided = isDecided && Boolean(scene.querySelector(":checked"));
  }
}

function countDown(clock) {
  const end = Date.now() + clock.dataset.secondsLeft * 1000, graceSeconds = 31, shown = clock.querySelector("[role=timer]");
  function tick() {
    const left = (end - Date.now()) / 1000;
    shown.textContent = clock.dataset.minutes.replace("#", Math.max(0, Math.ceil(left / 60)));
    clock.classList.toggle("short", left < 120);
    if (left < -graceSeconds) { clearInterval(ticking); location.assign(clock.dataset.over); }
  }
  const ticking = setInterval(tick, 1000);
  tick();
}
