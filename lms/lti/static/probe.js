/* Sends the form of the probe page on by itself, and says where the page is, which older browsers do not tell the server
   (Fetch Metadata). Without script the person presses its button. */
"use strict";

const form = document.getElementById("go-on");
form.elements.probed.value = window.self === window.top ? "window" : "frame";
form.submit();
