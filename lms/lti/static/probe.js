/* Sends the form of the probe page on by itself; without script the person presses its button. */
"use strict";

document.getElementById("go-on").submit();
