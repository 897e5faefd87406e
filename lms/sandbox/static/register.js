/* A tool that registers says when it is done (LTI dynamic registration 1.0, section 4.3); then the list of tools is shown. */
"use strict";

(() => {
  const page = document.querySelector("[data-when-closed]");
  const frame = document.querySelector("iframe[name=tool]");
  const opener = document.querySelector("[data-open]");
  let opened = null;

  if (opener) {
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      opened = window.open(opener.href, "tool");
    });
  }

  window.addEventListener("message", (event) => {
    const isTool = event.source && (event.source === opened || (frame && event.source === frame.contentWindow));
    if (!isTool || !event.data || event.data.subject !== "org.imsglobal.lti.close") return;
    if (opened) opened.close();
    window.location.assign(page.dataset.whenClosed);
  });
})();
