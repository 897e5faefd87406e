"""A platform with a course page: the tool in a frame, and - if it is told so - a place where it keeps things for the tool."""

import html
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.platform import Asked, Platform, Reply

KEEPS = """
const kept = {};
addEventListener("message", (event) => {
  const message = event.data;
  if (!message || typeof message !== "object" || !String(message.subject).startsWith("lti.")) return;
  const answer = { subject: message.subject + ".response", message_id: message.message_id };
  if (message.subject === "lti.capabilities")
    answer.supported_messages = ["lti.capabilities", "lti.put_data", "lti.get_data"].map((subject) => ({ subject }));
  const mine = (kept[event.origin] ||= JSON.parse(sessionStorage.getItem(event.origin) || "{}"));
  if (message.subject === "lti.put_data") {
    if (message.value === null) delete mine[message.key];
    else mine[message.key] = message.value;
    sessionStorage.setItem(event.origin, JSON.stringify(mine));
  }
  answer.key = message.key;
  if (message.subject !== "lti.capabilities") answer.value = mine[message.key] ?? null;
  (window.heard ||= []).push(message);
  event.source.postMessage(answer, event.origin);
});
"""


@dataclass
class StoragePlatform(Platform):
    """``offer`` is what its login says (``lti_storage_target``); ``keeps`` says which page keeps things."""

    offer: str | None = None
    keeps_in_page: bool = False
    keeps_in_frame: str | None = None
    last_answer: dict[str, str] = field(default_factory=dict)

    def reply_to(self, asked: Asked) -> Reply:
        """Pages for the browser; the rest is a platform's."""
        path, query = urlsplit(asked.path).path, dict(parse_qsl(urlsplit(asked.path).query))
        pages = {"/course": self._course, "/keeper": lambda: f"<script>{KEEPS}</script>"}
        if path in pages:
            return _page(pages[path]())
        return _page(self._answer(query)) if path == "/auth" else super().reply_to(asked)

    def _course(self) -> str:
        login = urlencode(self.login_parameters(lti_storage_target=self.offer))
        keeper = f'<iframe name="{self.keeps_in_frame}" src="/keeper" hidden></iframe>' if self.keeps_in_frame else ""
        script = f"<script>{KEEPS}</script>" if self.keeps_in_page else ""
        return f'{script}{keeper}<iframe name="tool" width="380" height="700" src="{self.tool}/lti/login?{login}"></iframe>'

    def _answer(self, question: dict[str, str]) -> str:
        """The platform's own page sends its answer by itself, as platforms do."""
        token = self.token(self.claims(question, launch_presentation={"locale": "en"}))
        self.last_answer = {"state": question["state"], "id_token": token}
        fields = "".join(f'<input name="{name}" value="{value}">' for name, value in self.last_answer.items())
        action = html.escape(question["redirect_uri"])
        return f'<form method="post" action="{action}">{fields}</form><script>document.forms[0].submit()</script>'

    @property
    def tool(self) -> str:
        """Where the tool answers."""
        parts = urlsplit(self.target)
        return f"{parts.scheme}://{parts.netloc}"


def _page(body: str) -> Reply:
    text = f"<!doctype html><meta charset=utf-8><title>Course</title>{body}"
    return Reply(body=text.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def preferences(*, blocked: str, below: str) -> str:
    """A Chromium profile that blocks all cookies of one host, partitioned ones too, in frames of another's pages."""
    exception = {f"{blocked},{below}": {"setting": 2}}
    return json.dumps({"profile": {"content_settings": {"exceptions": {"cookies": exception}}}})
