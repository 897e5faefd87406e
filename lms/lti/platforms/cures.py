"""Who must change what, for each thing that a check-up may find: the words for any LMS.

The menus of one LMS stand with its habits, in ``cures`` of its class, and come first.
"""

from collections.abc import Mapping

from lms.core.errors import Sentence
from lms.core.i18n import _l

_OURS = _l("An administrator of Bilim opens Administration → Learning systems, and this learning system.")
_KEYS = _l(
    "The administrator of the learning system tells you the address of its public keys (JWKS, keyset). "
    "Compare it letter by letter with the one in Bilim: flask lti add-platform changes it."
)
_TOKEN = _l(
    "The administrator of the learning system tells you the address for access tokens and the client id. "
    "Compare both letter by letter with those in Bilim. There, the tool must have the address of Bilim's public keys."
)
_GRADES = _l("The administrator of the learning system allows the tool to use the grade service, and to write grades.")
_NETWORK = _l("Whoever runs the server of Bilim looks at its settings and at the proxy in front of it.")

FOR_ANY: Mapping[str, Sentence] = {
    "platform-pending": _l(
        "An administrator of Bilim opens Administration → Learning systems, this learning system, "
        "compares the issuer, and presses Confirm."
    ),
    "platform-disabled": _l(
        "An administrator of Bilim opens Administration → Learning systems, this learning system, "
        "and presses Open again."
    ),
    "platform-deleted": _l("Register it again, by an invitation or by flask lti add-platform."),
    "new-values-wait": _l(
        "An administrator of Bilim compares the new values under Administration → Learning systems, "
        "and takes or refuses them."
    ),
    "deployment-none": _l(
        "Approve the deployment id that the learning system shows for the tool, "
        "under Administration → Learning systems, or flask lti approve-deployment."
    ),
    "deployments-wait": _l(
        "An administrator of Bilim approves or refuses each of them, under Administration → Learning systems."
    ),
    "never-launched": _l(
        "Open a module from a course of the learning system, once as a teacher and once as a student."
    ),
    "launches-refused": _l("docs/lti.md explains each code under Refusals, and says what to do."),
    "launches-refused-only": _l("docs/lti.md explains each code under Refusals, and says what to do."),
    "grades-not-granted": _GRADES,
    "roster-not-granted": _l(
        "The administrator of the learning system allows the tool to read who is in a course (Names and Roles)."
    ),
    "roster-updates-failed": _l(
        "docs/lti.md explains each code. The instructor of the course tries again on the page Everybody in the course."
    ),
    "platform-paused": _l(
        "Nothing to do if it passes: what waits is sent then. Else the administrator of the learning system looks "
        "whether it runs, and Bilim can reach it."
    ),
    "platform-slow": _l("The administrator of the learning system looks why it is slow. Nothing is lost."),
    "scores-wait": _l("Nothing to do if it passes within an hour. Else look whether a worker runs: flask jobs list."),
    "scores-need-person": _l(
        "docs/lti.md explains each code under Refusals. When its cause is gone, the instructor sends the grade again."
    ),
    "keys-unreachable": _KEYS,
    "keys-address-refused": _l(
        "Bilim calls only public https addresses. For a learning system in your own network, whoever runs "
        "Bilim names its host in BILIM_TRUSTED_PRIVATE_HOSTS."
    ),
    "keys-refused": _KEYS,
    "keys-not-json": _KEYS,
    "keys-without-id": _l("Its administrator asks the maker of the learning system: each key needs an id (kid)."),
    "keys-unusable": _l(
        "Set under Administration → Learning systems by which algorithms it may sign. "
        "Keys of less than 2048 bits are never taken."
    ),
    "token-unreachable": _TOKEN,
    "token-address-refused": _l(
        "Bilim calls only public https addresses. For a learning system in your own network, whoever runs "
        "Bilim names its host in BILIM_TRUSTED_PRIVATE_HOSTS."
    ),
    "token-unavailable": _l("Try again in some minutes. If it stays so, its administrator looks why its server fails."),
    "token-not-json": _TOKEN,
    "token-client-refused": _TOKEN,
    "token-audience-refused": _l(
        "An administrator of Bilim sets the audience of our requests under Administration → Learning systems, "
        "this learning system, Settings, as the learning system shows it."
    ),
    "token-scope-refused": _GRADES,
    "token-scope-smaller": _GRADES,
    "token-refused": _TOKEN,
    "clock-differs": _l(
        "Whoever runs the server whose clock is wrong lets it follow a time server (NTP). "
        "Compare both with an exact clock to find out which it is."
    ),
    "own-address-plain": _l(
        "Whoever runs the server of Bilim puts it behind https, and writes the address into BILIM_PUBLIC_URL."
    ),
    "own-keys-unreachable": _NETWORK,
    "own-keys-differ": _l(
        "Another installation answers at this address, or an old copy is kept by a proxy. "
        "Whoever runs the server of Bilim corrects BILIM_PUBLIC_URL or the proxy."
    ),
}
"""Every code of a finding that asks for something. :class:`lms.lti.platforms.base.Platform` answers by these."""

ELSE = _OURS
