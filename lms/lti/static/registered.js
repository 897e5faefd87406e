/* Gives the window or frame back to the learning system (LTI dynamic registration 1.0, closing the window).
   The message holds nothing, so it may go to any origin. */
"use strict";

function giveBack() {
  (window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
}

document.getElementById("give-back").addEventListener("click", giveBack);
giveBack();
