/* Lets the platform's page keep a value for us, or asks for it back, where this frame keeps no cookie
   (1EdTech lti-cs-oidc, lti-cs-pm, lti-pm-s 0.1). The value goes to the origin of the platform's authorization address
   and comes from there; no other window is told it or believed. What it proves, our server decides. */
"use strict";

(function () {
  const WAIT_MILLISECONDS = 3000; // only platforms that promised storage are asked, and phones are slow
  const LEGACY = "org.imsglobal.";
  const page = document.getElementById("storage");
  const platform = window.parent !== window ? window.parent : window.opener;

  function newId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /* One message, and its answer from that origin, or a failure after some seconds. */
  function ask(target, origin, message) {
    return new Promise((resolve, reject) => {
      const id = newId();
      const timer = setTimeout(() => finish(reject, new Error("timeout")), WAIT_MILLISECONDS);

      function finish(how, what) {
        clearTimeout(timer);
        window.removeEventListener("message", heard);
        how(what);
      }

      function heard(event) {
        const answer = event.data;
        if (!answer || typeof answer !== "object" || answer.message_id !== id) return;
        if (origin !== "*" && event.origin !== origin) return;
        if (answer.subject !== message.subject + ".response") return;
        if (answer.error) finish(reject, new Error(String(answer.error.code)));
        else finish(resolve, answer);
      }

      window.addEventListener("message", heard);
      try {
        target.postMessage({ ...message, message_id: id }, origin);
      } catch (error) {
        finish(reject, error);
      }
    });
  }

  /* A frame beside ours; some platforms have it in the outermost page. The origin protects us if it is another's. */
  function frameNamed(name) {
    if (name === "_parent") return platform;
    for (const around of [platform, window.top]) {
      try {
        if (around.frames[name]) return around.frames[name];
      } catch (error) {
        /* a window that we may not look into */
      }
    }
    return platform;
  }

  /* What the platform says it can do, and where. One that says nothing may still do what its login promised. */
  async function placeFor(subject) {
    const promised = { subject, target: frameNamed(page.dataset.frame) };
    let able;
    try {
      able = (await ask(platform, "*", { subject: "lti.capabilities" })).supported_messages;
    } catch (error) {
      return promised;
    }
    const offer = Array.isArray(able) && able.find((one) => one && [subject, LEGACY + subject].includes(one.subject));
    if (!offer) throw new Error("not offered");
    return { subject: offer.subject, target: offer.frame ? frameNamed(String(offer.frame)) : promised.target };
  }

  async function tell(subject, values) {
    if (!platform) throw new Error("no platform");
    const place = await placeFor(subject);
    return ask(place.target, new URL(page.dataset.origin).origin, { subject: place.subject, key: page.dataset.key, ...values });
  }

  async function put() {
    try {
      await tell("lti.put_data", { value: page.dataset.value });
      window.location.replace(page.dataset.address);
    } catch (error) {
      page.hidden = true;
      document.getElementById("in-a-window").hidden = false;
    }
  }

  async function get() {
    const form = document.getElementById("go-on");
    try {
      form.elements.proof.value = (await tell("lti.get_data", {})).value || "";
      tell("lti.put_data", { value: null }).catch(() => {});
    } catch (error) {
      /* without proof the server refuses, and says what to do */
    }
    form.submit();
  }

  if (page.dataset.value) put();
  else get();
})();
