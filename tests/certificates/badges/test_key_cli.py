"""Keys of credentials, from the command line."""

from certificates.badges import issuer
from certificates.badges.addresses import Addresses
from lms.core.db import reading
from lms.core.web import Bilim


def run(app: Bilim, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["certificates", "credential-keys", *words])
    return result.exit_code, result.output


def test_a_compromised_key_stays_published_and_may_not_assert(app: Bilim) -> None:
    assert run(app, "rotate")[0] == 0
    next_one, first = (line.split()[0] for line in run(app, "list")[1].splitlines())

    status, told = run(app, "compromised", first)

    assert status == 0
    assert told.startswith(f"{first} is compromised; credential-")
    states = {line.split()[0]: line.split()[1] for line in run(app, "list")[1].splitlines()}
    assert len(states) == 3
    assert (states[first], states[next_one]) == ("compromised", "published")
    with reading():
        document = issuer.did_document(Addresses("https://verify.example.kg"))
        published = [key["kid"] for key in issuer.key_set()["keys"]]
    assert first in published
    assert f"did:web:verify.example.kg#{first}" not in document["assertionMethod"]
    assert len(document["verificationMethod"]) == 3


def test_a_key_that_never_was_is_refused(app: Bilim) -> None:
    status, told = run(app, "compromised", "credential-0")

    assert (status, told) == (1, "Error: no credential was ever signed with credential-0\n")
