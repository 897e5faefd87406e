/* Attendance without a network. Pages work without this; no clock of the device is sent or believed.
   form[data-here]   the trainee's code: sent by POST with "Accept: application/json"; while there is no network it waits
                     on the page and is sent again by itself, marked as "waited". Answers: {"how", "next"}; problem
                     details show their "detail"
   [data-codes]      the leader's page: all codes until the end, "first" is the number of the half minute of the first */
"use strict";

for (const form of document.querySelectorAll("form[data-here]")) keepAndSend(form);
for (const board of document.querySelectorAll("[data-codes]")) showCodes(board);

function keepAndSend(form) {
  const note = form.querySelector("[data-here-state]"), words = note.dataset, button = form.querySelector("button");
  let timer, kept = null, failures = 0, running = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    kept = new FormData(form);
    failures = 0;
    send();
  });
  async function send() {
    if (running || !kept) return;
    running = true;
    clearTimeout(timer);
    lock(true);
    if (!failures) say("", words.sending);
    const [status, told] = await post(kept);
    running = false;
    if (status < 400) { kept = null; location.replace(told.next); return; }
    if ([401, 403, 599].includes(status) || status >= 500) return wait(status < 500 ? told.detail : "");
    kept = null;
    lock(false);
    say("refused", told.detail || words.refused);
    form.elements.code.select();
  }
  async function post(body) {
    const stop = new AbortController(), clock = setTimeout(() => stop.abort(), 20000);
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, signal: stop.signal });
      return [answer.status, await answer.json()];
    } catch (_) {
      return [599, {}];
    } finally { clearTimeout(clock); }
  }
  function wait(detail) {
    kept.set("waited", "1");
    say("waiting", [detail, words.waiting].filter(Boolean).join(" "));
    timer = setTimeout(send, Math.min(60000, 2000 * 2 ** failures++) * (0.8 + 0.4 * Math.random()));
  }
  function lock(on) { form.elements.code.readOnly = button.disabled = on; }
  function say(state, text) { words.state = state; note.textContent = text; }

  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  window.addEventListener("beforeunload", (event) => { if (kept && failures) event.preventDefault(); });
}

/* The server's time of the page and what has passed since then by this device: an offset of its clock does no harm. */
function showCodes(board) {
  const codes = board.dataset.codes.split(" "), first = Number(board.dataset.first), seconds = Number(board.dataset.seconds);
  const began = Date.now(), served = Number(board.dataset.now);
  const digits = board.querySelector("[data-code]"), left = board.querySelector("[data-left]"), over = board.querySelector("[data-over]");

  function turn() {
    const now = served + (Date.now() - began) / 1000;
    const code = codes[Math.floor(now / seconds) - first];
    digits.textContent = code ? `${code.slice(0, 3)} ${code.slice(3)}` : "– – –";
    left.value = seconds - (now % seconds);
    over.hidden = Boolean(code);
  }
  async function count() {
    try {
      const answer = await fetch(board.dataset.countUrl, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const told = await answer.json();
      for (const name of ["present", "waiting", "people"]) {
        const place = document.querySelector(`[data-${name}]`);
        if (place) place.textContent = told[name];
      }
    } catch (_) { /* no network: the numbers stay as they were */ }
  }
  turn();
  setInterval(turn, 1000);
  setInterval(() => { if (!document.hidden) count(); }, 10000);
}
