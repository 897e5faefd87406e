"""What a platform answers when it is called: its keys, a token, the time; and whether our own address answers.

Each function calls a server, so no transaction may be open. What is wrong is a finding, never an exception.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from lms.core import clock, http, settings
from lms.core import keys as signing_keys
from lms.core.db import reading
from lms.core.errors import RemoteFailure, Sentence
from lms.core.http import Answer
from lms.core.i18n import _l
from lms.lti import checks, keys, tokens
from lms.lti.findings import Finding, attention, good, note, problem
from lms.lti.models import Registration
from lms.lti.refusals import LaunchRefused
from lms.lti.registration_offer import SCOPES

SECONDS_OF_GRACE = 30
"""A Date header knows only whole seconds, and an answer takes its time."""
OUR_TIMEOUT_SECONDS = 5
"""We may be the only process of our own server, and busy with this very call."""
LONGEST_WORDS = 200


class Calls:
    """The calls of one check-up. The clock of the platform is read from their answers."""

    def __init__(self, row: Registration) -> None:
        self.row = row
        self._skews: list[float] = []

    def keys(self) -> Iterator[Finding]:
        """Its public keys, without which no launch is proved."""
        try:
            answer = self._noted(http.get(self.row.jwks_url, headers={"Accept": "application/json"}))
        except RemoteFailure as failure:
            yield self._no_answer(
                failure,
                ("keys-address-refused", "keys-unreachable"),
                _l("Its public keys could not be fetched: no answer."),
            )
            return
        if not answer.is_success:
            said = _l("The address of its public keys answers %(status)s.", status=answer.status)
            yield problem(self.row, "keys-refused", said, status=answer.status, address=self.row.jwks_url)
            return
        yield self._keys_in(answer)

    def token(self, scopes: Sequence[str], deployment_id: str) -> Iterator[Finding]:
        """An access token, without which no grade goes out and no list comes in."""
        try:
            answer = self._noted(tokens.trial(self.row, scopes, deployment_id=deployment_id))
        except RemoteFailure as failure:
            if failure.code == "platform-closed":
                yield note("token-not-asked", _l("It is closed, so no token was asked for."))
            else:
                yield self._no_answer(
                    failure,
                    ("token-address-refused", "token-unreachable"),
                    _l("The address for access tokens does not answer."),
                )
            return
        said = _object(answer)
        if answer.is_success and isinstance(said.get("access_token"), str):
            yield self._scopes_in(said, scopes)
        else:
            yield self._token_refused(answer, said, scopes, deployment_id)

    def clock(self) -> Iterator[Finding]:
        """How its clock differs from ours, as far as its answers told."""
        if not self._skews:
            return
        nearest: float = min(self._skews, key=abs)
        skew = round(nearest)
        facts = {"seconds": skew, "leeway_seconds": self.row.leeway_seconds}
        if abs(skew) > self.row.leeway_seconds:
            said = _l(
                "Its clock and ours differ by %(seconds)s seconds, so launches look expired or too early.",
                seconds=abs(skew),
            )
            yield problem(self.row, "clock-differs", said, **facts)
        elif abs(skew) > SECONDS_OF_GRACE:
            said = _l("Its clock and ours differ by %(seconds)s seconds. More than %(most)s would stop launches.",
                      seconds=abs(skew), most=self.row.leeway_seconds)  # fmt: skip
            yield attention(self.row, "clock-differs", said, **facts)
        else:
            yield good("clock-agrees", _l("Its clock and ours agree."), **facts)

    def _noted(self, answer: Answer) -> Answer:
        try:
            told = parsedate_to_datetime(answer.headers.get("Date", ""))
        except ValueError:
            return answer
        moment = told if told.tzinfo else told.replace(tzinfo=UTC)
        self._skews.append((moment - clock.now()).total_seconds())
        return answer

    def _no_answer(self, failure: RemoteFailure, codes: tuple[str, str], said: Sentence) -> Finding:
        """:param codes: for an address that we may not call, and for silence."""
        if failure.code == "address-refused":
            refused = _l("Bilim may not call this address: it is not https, or it is in a private network.")
            return problem(self.row, codes[0], refused, asked=failure.asked)
        return problem(self.row, codes[1], said, asked=failure.asked, error=failure.code)

    def _keys_in(self, answer: Answer) -> Finding:
        listed = _object(answer).get("keys")
        if not isinstance(listed, list):
            said = _l("The address of its public keys answers with something that is no key set.")
            return problem(self.row, "keys-not-json", said, address=self.row.jwks_url)
        known = {key["kid"]: key for key in listed if isinstance(key, dict) and isinstance(key.get("kid"), str)}
        if not known:
            return problem(self.row, "keys-without-id", _l("No key of its key set has an id."), keys=len(listed))
        usable = [kid for kid in known if self._is_usable(kid, known)]
        if not usable:
            said = _l("None of its keys can prove a launch: wrong kind, too short, or not for a registered algorithm.")
            return problem(self.row, "keys-unusable", said, keys=sorted(known), algorithms=self.row.algorithms)
        said = _l("Its public keys can be fetched; %(number)s of them can prove a launch.", number=len(usable))
        return good("keys-good", said, keys=sorted(usable))

    def _is_usable(self, kid: str, known: Mapping[str, Mapping[str, Any]]) -> bool:
        return any(_takes(kid, known, algorithm) for algorithm in self.row.algorithms.split())

    def _scopes_in(self, said: Mapping[str, Any], asked: Sequence[str]) -> Finding:
        given = said.get("scope")
        missing = sorted(set(asked) - set(given.split())) if isinstance(given, str) else []
        if missing:
            told = "; ".join(str(SCOPES.get(scope, scope)) for scope in missing)
            sentence = _l("It gives a token, but not for all that its courses offer. Missing: %(scopes)s.", scopes=told)
            return problem(self.row, "token-scope-smaller", sentence, missing=missing)
        return good("token-good", _l("It gives us a token for everything that its courses offer."), scopes=list(asked))

    def _token_refused(
        self, answer: Answer, said: Mapping[str, Any], scopes: Sequence[str], deployment_id: str
    ) -> Finding:
        """OAuth's codes (RFC 6749, 5.2); who and for whom stand behind the same one, so the words and a trial decide."""
        facts = {
            "status": answer.status,
            "error": _words(said, "error"),
            "description": _words(said, "error_description"),
        }
        if answer.status >= 500 or answer.status in (408, 425, 429):
            sentence = _l("The address for access tokens answers %(status)s.", status=answer.status)
            return problem(self.row, "token-unavailable", sentence, **facts)
        if not said.get("error"):
            sentence = _l(
                "The address for access tokens answers %(status)s, and not as OAuth does.", status=answer.status
            )
            return problem(self.row, "token-not-json", sentence, **facts)
        if said["error"] == "invalid_scope":
            sentence = _l("It knows us, but does not let us use any of its services.")
            return problem(self.row, "token-scope-refused", sentence, asked=list(scopes), **facts)
        if said["error"] not in ("invalid_client", "invalid_request", "invalid_grant", "unauthorized_client"):
            sentence = _l("It gives us no token: %(error)s.", error=facts["error"])
            return problem(self.row, "token-refused", sentence, **facts)
        return self._client_refused(facts, scopes, deployment_id)

    def _client_refused(self, facts: dict[str, Any], scopes: Sequence[str], deployment_id: str) -> Finding:
        used = tokens.audience(self.row)
        better = self._audience_that_works(used, scopes, deployment_id)
        if better or "aud" in facts["description"].lower().split() or "audience" in facts["description"].lower():
            said = _l("It does not take %(audience)s as the audience of our requests.", audience=used)
            return problem(self.row, "token-audience-refused", said, audience=used, takes=better, **facts)
        said = _l("It does not know us by this client id, or could not prove our signature.")
        return problem(self.row, "token-client-refused", said, client_id=self.row.client_id, **facts)

    def _audience_that_works(self, used: str, scopes: Sequence[str], deployment_id: str) -> str | None:
        """Of its own addresses only: what is addressed to another server could be used there by whoever gets it."""
        ours = [self.row.token_url]
        if http.origin(self.row.issuer) == http.origin(self.row.token_url):
            ours.append(self.row.issuer)
        for audience in ours:
            if audience != used and self._is_taken(audience, scopes, deployment_id):
                return audience
        return None

    def _is_taken(self, audience: str, scopes: Sequence[str], deployment_id: str) -> bool:
        try:
            answer = tokens.trial(self.row, scopes, deployment_id=deployment_id, other_audience=audience)
        except RemoteFailure:
            return False
        return answer.is_success and "access_token" in _object(answer)


def own_address(row: Registration) -> Iterator[Finding]:
    """Whether the platform can find us, as far as that can be seen from here."""
    ours = settings.current().public_url
    if not ours.startswith("https://"):
        said = _l(
            "The address of Bilim, %(address)s, is not https. Browsers keep no cookie in a frame there.", address=ours
        )
        yield attention(row, "own-address-plain", said, address=ours)
    with reading():
        key = signing_keys.signing_now(keys.USE)
    try:
        answer = http.get(f"{ours}/lti/jwks.json", timeout_seconds=OUR_TIMEOUT_SECONDS)
    except RemoteFailure as failure:
        said = _l(
            "Bilim does not reach its own keys at %(address)s. Perhaps the learning system does not, either.",
            address=ours,
        )
        yield attention(row, "own-keys-unreachable", said, error=failure.code)
        return
    if not answer.is_success or (key and key not in _ids(answer)):
        said = _l(
            "At %(address)s others' keys are published, or none: the learning system cannot prove who we are.",
            address=ours,
        )
        yield problem(row, "own-keys-differ", said, status=answer.status, key=key)
        return
    yield good("own-keys-good", _l("Our own keys are published."), key=key)


def _takes(kid: str, known: Mapping[str, Mapping[str, Any]], algorithm: str) -> bool:
    try:
        checks.key_for(kid, known, algorithm=algorithm)
    except LaunchRefused:
        return False
    return True


def _ids(answer: Answer) -> list[str]:
    listed = _object(answer).get("keys")
    return [str(key.get("kid")) for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []


def _object(answer: Answer) -> Mapping[str, Any]:
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _words(said: Mapping[str, Any], name: str) -> str:
    """The platform's own words, as far as they are text and short."""
    text = said.get(name)
    return (
        "".join(sign if sign.isprintable() else " " for sign in text)[:LONGEST_WORDS] if isinstance(text, str) else ""
    )
