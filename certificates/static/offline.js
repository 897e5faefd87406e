/* Checks a certificate without a network: the page is kept by the worker, the facts stand behind the # of the address, which
   no browser sends anywhere. The same coding in Python: certificates/offline/summary.py and letters.py. No library. */
"use strict";

const LETTERS = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя"
  + "ЁёҢңӨөҮүІіӘәҒғҚқҰұҺһЎўҲҳҶҷӢӣӮӯҖҗ«»—–№’“”·…ÄäÇçŽžŇňÖöÜüÝýŞş";
const FIRST = 0x80, RUN = 0xfe, HEAD = 30, SIGNATURE = 64, FORMAT = 1, LONGEST = 4000;
const SCRIPTS = ["Cyrl", "Latn", "Hani"], LANGUAGES = ["ky", "ru", "zh", "en"];
const TAGS = { ky: "ky", ru: "ru", zh: "zh-Hans", en: "en" };
const ENTRIES = { 1: "SUSPENDED", 2: "REVOKED", 3: "SUPERSEDED" }, ENTRY = 11, VOUCHED = 16, REPLACEMENT = 40;
const ECDSA = { name: "ECDSA", hash: "SHA-256" }, CURVE = { name: "ECDSA", namedCurve: "P-256" };
const DAY = 86400000, SINCE_2000 = Date.UTC(2000, 0, 1);

class Malformed extends Error {}

/* Digits are one large number; its bytes are the facts and a signature. */
function takenApart(text) {
  const digits = text.trim().replace(/^.*#/s, "").replace(/\s/g, "");
  if (!/^[1-9][0-9]+$/.test(digits) || digits.length > LONGEST) throw new Malformed("digits");
  let hexadecimal = BigInt(digits).toString(16);
  if (hexadecimal.length % 2) hexadecimal = "0" + hexadecimal;
  const bytes = Uint8Array.from(hexadecimal.match(/../g), (pair) => parseInt(pair, 16));
  if (bytes[0] !== FORMAT || bytes.length < HEAD + SIGNATURE) throw new Malformed("format");
  return { signed: bytes, facts: bytes.slice(0, -SIGNATURE), signature: bytes.slice(-SIGNATURE) };
}

function unpacked(facts) {
  const view = new DataView(facts.buffer);
  const [number, ...texts] = [...fields(facts)];
  if (texts.length !== SCRIPTS.length + LANGUAGES.length) throw new Malformed("texts");
  const named = (names, from) => Object.fromEntries(names.map((name, at) => [name, texts[from + at]]).filter(([, text]) => text));
  return {
    key: hex(facts.slice(1, 5)), issuer: hex(facts.slice(5, 13)),
    code: BigInt("0x" + hex(facts.slice(13, 22))).toString(36).toUpperCase().padStart(13, "0"),
    issuedOn: dayOf(view.getUint16(22)), completedOn: dayOf(view.getUint16(24)),
    validUntil: view.getUint16(26) ? dayOf(view.getUint16(26)) : null, hours: view.getUint16(28),
    number, holder: named(SCRIPTS, 0), titles: named(LANGUAGES, SCRIPTS.length),
  };
}

function* fields(facts) {
  for (let at = HEAD; at < facts.length;) {
    const end = at + 1 + facts[at];
    if (end > facts.length) throw new Malformed("cut off");
    yield text(facts.slice(at + 1, end));
    at = end;
  }
}

function text(bytes) {
  let out = "";
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at++];
    if (byte < FIRST) out += String.fromCharCode(byte);
    else if (byte !== RUN) {
      if (byte - FIRST >= LETTERS.length) throw new Malformed("letter");
      out += LETTERS[byte - FIRST];
    } else {
      const end = at + 1 + 2 * bytes[at];
      if (!(at + 1 < end && end <= bytes.length)) throw new Malformed("run");
      for (let unit = at + 1; unit < end; unit += 2) out += String.fromCharCode(bytes[unit] << 8 | bytes[unit + 1]);
      at = end;
    }
  }
  return out;
}

/* The list of what holds, if it bears the signature of a key of the register; else null. */
async function genuineList(token, registerKeys) {
  const [head, body, signature] = token.trim().split(".");
  const { kid, alg, typ } = JSON.parse(utf8(fromBase64(head)));
  const jwk = registerKeys.find((key) => key.kid === kid);
  if (!jwk || alg !== "ES256" || typ !== "register-list+jwt") return null;
  const isOurs = await holds(jwk, fromBase64(signature), new TextEncoder().encode(`${head}.${body}`));
  return isOurs ? JSON.parse(utf8(fromBase64(body))) : null;
}

async function holds({ kty, crv, x, y }, signature, data) {
  const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, CURVE, false, ["verify"]);
  return crypto.subtle.verify(ECDSA, key, signature, data);
}

/* The verdict: a code, reasons, the facts where they are proved. */
async function judged(given, list, today) {
  let apart, facts;
  try {
    apart = takenApart(given);
    facts = unpacked(apart.facts);
  } catch (fault) {
    if (fault instanceof Malformed || fault instanceof RangeError) return { code: "UNREADABLE", reasons: [] };
    throw fault;
  }
  const keys = list.keys.filter((key) => key.mark === facts.key);
  if (!keys.length) return { code: "UNKNOWN_SIGNER", reasons: ["key-unknown"] };
  const key = (await Promise.all(keys.map(async (one) => await holds(one.jwk, apart.signature, apart.facts) && one))).find(Boolean);
  if (!key) return { code: "TAMPERED", reasons: [] };
  const reasons = [];
  if (key.compromised_at) {
    if (!await isVouchedFor(apart.signed, list)) return { code: "UNKNOWN_SIGNER", reasons: ["key-compromised"] };
    reasons.push("register-vouches");
  } else if (key.retired_at && key.retired_at <= `${today}T24`) {
    if (facts.issuedOn > laterDay(key.retired_at.slice(0, 10))) return { code: "TAMPERED", reasons: ["after-retirement"] };
    reasons.push("key-retired");
  }
  return { ...await standing(facts, list, today), facts, issuer: list.issuers[facts.issuer], reasons: [...reasons, ...warnings(facts, list, today)] };
}

async function isVouchedFor(signed, list) {
  const wanted = hex((await sha256(signed)).slice(0, VOUCHED)), vouched = fromBase64(list.vouched);
  for (let at = 0; at < vouched.length; at += VOUCHED) if (hex(vouched.slice(at, at + VOUCHED)) === wanted) return true;
  return false;
}

async function standing(facts, list, today) {
  const wanted = hex((await sha256(new TextEncoder().encode(`${facts.number}:${facts.code}`))).slice(0, 8));
  const entries = fromBase64(list.entries);
  for (let at = 0; at < entries.length; at += ENTRY) {
    if (hex(entries.slice(at, at + 8)) === wanted)
      return {
        code: ENTRIES[entries[at + 8]], since: dayOf(entries[at + 9] << 8 | entries[at + 10]),
        by: await successor(facts, wanted, list),
      };
  }
  return { code: facts.validUntil && today > facts.validUntil ? "EXPIRED" : "VALID" };
}

/* The number of the certificate in its place, under a pad that only number and code of this one give (offline/marks.py). */
async function successor(facts, wanted, list) {
  const all = fromBase64(list.replacements ?? "");
  for (let at = 0; at < all.length; at += REPLACEMENT) {
    if (hex(all.slice(at, at + 8)) !== wanted) continue;
    const pad = await sha256(new TextEncoder().encode(`replaced-by:${facts.number}:${facts.code}`));
    return utf8(all.slice(at + 8, at + REPLACEMENT).map((byte, place) => byte ^ pad[place])).replace(/\0+$/, "");
  }
  return null;
}

function warnings(facts, list, today) {
  const told = [];
  if (Date.parse(today) - Date.parse(list.day) > list.fresh_days * DAY) told.push("list-is-old");
  if (facts.issuedOn > list.day) told.push("newer-than-list");
  return told;
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));
const utf8 = (bytes) => new TextDecoder().decode(bytes);
const fromBase64 = (data) => Uint8Array.from(atob(data.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const dayOf = (days) => new Date(SINCE_2000 + days * DAY).toISOString().slice(0, 10);
const laterDay = (day) => new Date(Date.parse(day) + DAY).toISOString().slice(0, 10);
const printed = (day) => day.split("-").reverse().join(".");

/* ---- the page ---- */

const form = document.querySelector("[data-check]"), answer = document.querySelector("[data-answer]");
let words, list, given = "", language = document.documentElement.lang;

async function start() {
  navigator.serviceWorker?.register("/offline/worker.js", { scope: "/", updateViaCache: "none" });
  take();
  const [told, keys, token] = await Promise.all(["words.json", "keys.json", "list"].map(fetched));
  words = told && JSON.parse(told);
  list = keys && token && await genuineList(token, JSON.parse(keys)).catch(() => null);
  await show();
}

async function fetched(name) {
  try {
    const found = await fetch(`/offline/${name}`);
    return found.ok ? await found.text() : null;
  } catch (_) {
    return null;
  }
}

/* What stands behind the # is taken out of the address at once, so that no name stays in the history. */
function take() {
  if (location.hash.length < 2) return;
  given = location.hash;
  history.replaceState(null, "", location.pathname);
}

async function show() {
  if (!words) return;
  document.documentElement.lang = language;
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = words[language].page[place.dataset.word];
  for (const button of document.querySelectorAll("[data-language]"))
    button.setAttribute("aria-current", String(button.dataset.language === language));
  document.title = `${words[language].page.title} · Bilim`;
  answer.replaceChildren();
  if (!given) return;
  const verdict = list ? await judged(given, list, localDay()) : { code: "NO_LIST", reasons: [] };
  answer.dataset.verdict = verdict.code;
  answer.replaceChildren(...drawn(verdict));
}

function localDay() {
  const now = new Date();
  const today = [now.getFullYear(), String(now.getMonth() + 1).padStart(2, "0"), String(now.getDate()).padStart(2, "0")].join("-");
  return list && today < list.day ? list.day : today;  /* a clock that is behind what we know is wrong */
}

function* drawn({ code, reasons, facts, issuer, since, by }) {
  const { verdicts, page, reasons: sentences } = words[language], verdict = verdicts[code];
  const box = element("section", `verdict ${verdict.state}`), said = element("div");
  said.append(element("h1", "", verdict.title), element("p", "", verdict.sentence));
  box.append(document.querySelector(`[data-icon="${verdict.state}"]`).content.cloneNode(true), said);
  yield box;
  if (list) yield element("p", "", page.as_of.replace("{day}", printed(list.day)));
  for (const reason of reasons) yield element("p", "note", sentences[reason]);
  if (facts) yield table(page, facts, issuer, since, by);
  if (facts) yield element("p", "muted", page.compare);
}

function table(page, facts, issuer, since, by) {
  const body = element("dl", "facts");
  const row = (head, ...texts) => {
    const pair = element("div"), value = element("dd");
    texts.forEach((one, at) => value.append(...(at ? [element("br")] : []), one));
    pair.append(element("dt", "", page[head]), value);
    body.append(pair);
  };
  const each = (texts) => LANGUAGES.filter((code) => texts[code]).map((code) => inLanguage(texts[code], TAGS[code]));
  if (since) row("since", printed(since));
  if (by) row("replaced_by", element("span", "code", by));
  row("issuer", ...(issuer ? each(issuer.names) : [page.issuer_unknown]));
  if (issuer?.today) row("today", ...each(issuer.today.names), ...(issuer.today.act ? [element("small", "", issuer.today.act)] : []));
  row("holder", ...["Cyrl", "Hani", "Latn"].filter((script) => facts.holder[script])
    .map((script) => script === "Hani" ? inLanguage(facts.holder[script], "zh-Hans") : element("span", "", facts.holder[script])));
  row("module", ...each(facts.titles));
  row("hours", String(facts.hours));
  row("completed", printed(facts.completedOn));
  row("issued", printed(facts.issuedOn));
  if (facts.validUntil) row("until", printed(facts.validUntil));
  row("number", element("span", "code", facts.number));
  row("code", element("span", "code", facts.code.match(/.{1,4}/g).join("-")));
  return body;
}

function element(name, classes = "", content = "") {
  const made = document.createElement(name);
  if (classes) made.className = classes;
  made.textContent = content;
  return made;
}

function inLanguage(content, tag) {
  const made = element("span", "", content);
  made.lang = tag;
  return made;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  given = form.elements.link.value;
  show().then(() => answer.scrollIntoView());
});
for (const button of document.querySelectorAll("[data-language]"))
  button.addEventListener("click", () => { language = button.dataset.language; show(); });
window.addEventListener("hashchange", () => { take(); show(); });
start();
