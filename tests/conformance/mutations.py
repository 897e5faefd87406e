"""Ways to spoil a valid launch: its spelling, its header, its claims, its signature, its JSON.

Each way takes a source of chance and a launch, and returns a token that no tool may accept. What would change nothing -
another order of names, white space between them, unknown claims - is in :data:`HARMLESS` and must be accepted.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.platform import CLAIM, rsa_key

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
STRANGE = "=+/ \n\t.\0%é\u200bА０٣\U0001f600\ufeff~\\\"'"
HEADER = '{"alg":"RS256","typ":"JWT","kid":"platform-key-1"}'
WRONG_TYPES: list[Any] = [None, True, False, 0, -1, 1.5, [], {}, [[]], [None], {"": ""}, ""]
LONG_INTEGER = "9" * 5000
OPEN_OBJECT = '{"a":'
Spoil = Callable[[Random, "Launch"], str]


@dataclass(frozen=True)
class Launch:
    """A valid launch: what it claims, and how it is written."""

    claims: dict[str, Any]
    token: str


def written(claims: Any) -> str:
    """As platforms write it."""
    return json.dumps(claims, separators=(",", ":"))


def signed(header: str | bytes, payload: str | bytes, sign: Callable[[bytes], bytes] | None = None) -> str:
    """A token of these very bytes; with the platform's right signature unless another is given."""
    raw = [part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass") for part in (header, payload)]
    text = ".".join(base64url(part) for part in raw)
    return f"{text}.{base64url((sign or _rs256)(text.encode()))}"


def base64url(data: bytes) -> str:
    """Without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _rs256(data: bytes) -> bytes:
    return rsa_key().sign(data, PKCS1v15(), hashes.SHA256())


# Spelling: the token is no longer the one that was signed


def other_sign(chance: Random, launch: Launch) -> str:
    """One sign is another of the alphabet; in a signature's last one the bits that nobody reads may be all that changes."""
    place = chance.choice([chance.randrange(len(launch.token)), len(launch.token) - 1, launch.token.rindex(".") - 1])
    if launch.token[place] == ".":
        place += 1
    sign = chance.choice([sign for sign in ALPHABET if sign != launch.token[place]])
    return launch.token[:place] + sign + launch.token[place + 1 :]


def strange_sign(chance: Random, launch: Launch) -> str:
    """A sign that has no place there: padding, white space, other digits, nothing that can be seen."""
    place = chance.randrange(len(launch.token) + 1)
    return launch.token[:place] + chance.choice(STRANGE) + launch.token[place:]


def lost_part(chance: Random, launch: Launch) -> str:
    """Some of it is missing."""
    start = chance.randrange(len(launch.token))
    return launch.token[:start] + launch.token[start + chance.randint(1, 40) :]


def said_twice(chance: Random, launch: Launch) -> str:
    """Some of it stands twice."""
    start = chance.randrange(len(launch.token))
    piece = launch.token[start : start + chance.randint(1, 40)]
    return launch.token[:start] + piece + launch.token[start:]


def moved_parts(chance: Random, launch: Launch) -> str:
    """Its three parts in another order, or more or fewer of them."""
    parts = launch.token.split(".")
    head, payload, signature = parts
    return chance.choice(
        [
            f"{payload}.{head}.{signature}",
            f"{head}.{signature}.{payload}",
            f"{head}.{payload}",
            f"{head}.{payload}.",
            f"{head}..{signature}",
            f".{payload}.{signature}",
            f"{launch.token}.{signature}",
            f".{launch.token}",
            f"{launch.token}.",
            f"{head}.{payload}.{payload}.{signature}",
            f"{head}={'=' * chance.randint(0, 2)}.{payload}.{signature}",
            f"Bearer {launch.token}",
        ]
    )


def changed_claims_under_the_old_signature(chance: Random, launch: Launch) -> str:
    """More rights, another person, another end."""
    head, _payload, signature = launch.token.split(".")
    changes = {
        f"{CLAIM}roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor", str(chance.random())],
        "sub": f"person-{chance.randrange(10**9)}",
        "exp": launch.claims["exp"] + chance.randint(1, 10**6),
        f"{CLAIM}custom": {"module": str(chance.random())},
    }
    name = chance.choice(list(changes))
    return f"{head}.{base64url(written({**launch.claims, name: changes[name]}).encode())}.{signature}"


# Header: signed as it stands


def other_algorithm(chance: Random, launch: Launch) -> str:
    """What was not registered, in every spelling; with its own right signature where it has one."""
    payload = written(launch.claims)
    public = rsa_key().public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = chance.choice(["sha256", "sha384", "sha512"])
    password = chance.choice([pem, der, pem.strip(), b"", b"platform-key-1"])
    number = digest[3:]
    ways: list[tuple[Any, Callable[[bytes], bytes]]] = [
        (f"HS{number}", lambda data: hmac.new(password, data, digest).digest()),
        (chance.choice(["none", "None", "NONE", "nOnE", "", " "]), lambda _data: b""),
        (f"RS{chance.choice(['384', '512'])}", lambda data: rsa_key().sign(data, PKCS1v15(), hashes.SHA512())),
        ("PS256", lambda data: rsa_key().sign(data, PSS(MGF1(hashes.SHA256()), 32), hashes.SHA256())),
        (chance.choice(["ES256", "EdDSA", "RSA-OAEP", "dir", "RS1", "rs256", "RS256 ", "RS256\0"]), _rs256),
        (chance.choice([None, 256, True, ["RS256"], {"RS256": 1}]), _rs256),
    ]
    algorithm, sign = chance.choice(ways)
    return signed(written({"alg": algorithm, "typ": "JWT", "kid": "platform-key-1"}), payload, sign)


def other_key_id(chance: Random, launch: Launch) -> str:
    """No id, the id of nobody's key, or no text."""
    names: list[Any] = [*WRONG_TYPES, "platform-key-2", "PLATFORM-KEY-1", "platform-key-1 ", "platform-key-1\0"]
    names += [f"platform-key-{chance.randrange(2, 10**6)}", "k" * 5000, "../jwks", "platform‐key‐1", ["platform-key-1"]]
    return signed(written({"alg": "RS256", "kid": chance.choice(names)}), written(launch.claims))


def odd_header(chance: Random, launch: Launch) -> str:
    """Not one object in UTF-8 that says each thing once, or one that demands what we do not know."""
    crit = chance.choice([["exp"], ["b64"], [], None, "b64", [str(chance.random())]])
    headers: list[str | bytes] = [
        f'{{"alg":"RS256","alg":"{chance.choice(["none", "HS256", "RS256"])}","kid":"platform-key-1"}}',
        '{"alg":"RS256","kid":"platform-key-1","kid":"platform-key-1"}',
        '{"alg":"RS256"}',
        '{"kid":"platform-key-1"}',
        f"[{HEADER}]",
        f'"{chance.random()}"',
        "",
        HEADER[:-1],
        HEADER + chance.choice(["}", "x", ",", "\0"]),
        HEADER.replace('"', "'"),
        HEADER.replace(",", ",,"),
        HEADER.encode(chance.choice(["utf-16", "utf-16-be", "utf-32"])),
        b"\xef\xbb\xbf" + HEADER.encode(),
        HEADER.replace("JWT", "\ud800"),
        HEADER[:-1] + f',"n":{chance.choice(["NaN", "Infinity", "-Infinity", LONG_INTEGER])}}}',
        HEADER[:-1] + ',"deep":' + "[" * 3000 + "]" * 3000 + "}",
        HEADER[:-1] + f',"crit":{written(crit)}}}',
    ]
    return signed(chance.choice(headers), written(launch.claims))


# Claims: signed by the platform, and still no launch for us


def missing_claim(chance: Random, launch: Launch) -> str:
    """Required, and not there."""
    name = chance.choice(REQUIRED)
    return signed(HEADER, written({key: value for key, value in launch.claims.items() if key != name}))


def wrong_type(chance: Random, launch: Launch) -> str:
    """Required, there, and of no use. Roles may be an empty list."""
    name = chance.choice(REQUIRED)
    unfit = [value for value in WRONG_TYPES if not (name == f"{CLAIM}roles" and isinstance(value, list))]
    unfit = [value for value in unfit if not (name in ("iat", "exp") and _is_number(value))]
    return signed(HEADER, written({**launch.claims, name: chance.choice(unfit)}))


def other_exact_value(chance: Random, launch: Launch) -> str:
    """Nearly what it must be: issuer, audience, nonce, version and message type are compared sign by sign."""
    name = chance.choice(["iss", "aud", "nonce", f"{CLAIM}version", f"{CLAIM}message_type"])
    said = launch.claims[name]
    return signed(HEADER, written({**launch.claims, name: nearly(chance, said if isinstance(said, str) else said[0])}))


def nearly(chance: Random, text: str) -> str:
    """A text that is not this one, and looks like it."""
    place = chance.randrange(len(text))
    looks = [
        text.swapcase(),
        f"{text} ",
        f" {text}",
        f"{text}/",
        f"{text}\0",
        f"{text}\u200b",
        f"{text}\n",
        text[:-1],
        text[1:],
        text + chance.choice(ALPHABET),
        text[:place] + chance.choice(STRANGE) + text[place:],
        text[:place] + text[place + 1 :],
        text[:place] + chance.choice([sign for sign in ALPHABET if sign != text[place]]) + text[place + 1 :],
        "".join(chr(ord(sign) + 0xFEE0) if sign.isalnum() and sign.isascii() else sign for sign in text),
        text.replace("e", "е") + ("" if "e" in text else "е"),
        f"{text}#{chance.random()}",
        f"{text}\ud800",
    ]
    return chance.choice([one for one in looks if one != text])


def other_audience(chance: Random, launch: Launch) -> str:
    """For somebody else also, or by somebody else's leave."""
    us = launch.claims["azp"] if "azp" in launch.claims else _client(launch)
    other = nearly(chance, us)
    changes: list[dict[str, Any]] = [
        {"aud": [us, other], "azp": us},
        {"aud": [other, us]},
        {"aud": [us, us]},
        {"aud": [us, None]},
        {"aud": [[us]]},
        {"aud": {us: us}},
        {"aud": f"{us},{other}"},
        {"azp": other},
        {"azp": [us]},
        {"azp": None},
    ]
    return signed(HEADER, written({**launch.claims, **chance.choice(changes)}))


def other_time(chance: Random, launch: Launch) -> str:
    """Too late, too early, or when no clock shows; texts are no numbers."""
    now = launch.claims["iat"]
    changes: list[dict[str, Any]] = [
        {"exp": now - chance.randint(600, 10**9)},
        {"exp": -chance.random() * 10**9},
        {"iat": now + chance.randint(600, 10**9)},
        {"exp": str(now + 300)},
        {"iat": str(now)},
        {"exp": 10 ** chance.randint(13, 400)},
        {"iat": 10 ** chance.randint(13, 400)},
        {"exp": [now + 300]},
    ]
    return signed(HEADER, written({**launch.claims, **chance.choice(changes)}))


def other_target(chance: Random, launch: Launch) -> str:
    """A page that is not ours, or no page."""
    host = chance.choice(["evil.example", "localhost", "localhost:8001", "localhost.evil.example:8000", "[::1]:8000"])
    targets = [
        f"https://{host}/lti/launch",
        f"http://localhost:8000@{host}/",
        f"http://localhost:8000/{'../' * chance.randint(1, 5)}oauth/token",
        f"http://localhost:8000\\@{host}/",
        f"//{host}/",
        f"/learn/{chance.random()}",
        f"javascript:alert({chance.random()})",
        "https://localhost:8000/lti/launch",
        "http://localhost:8000/%00",
        "http://localhost:8000/\ud800",
        f"http://[{host}/",
    ]
    return signed(HEADER, written({**launch.claims, f"{CLAIM}target_link_uri": chance.choice(targets)}))


def other_id(chance: Random, launch: Launch) -> str:
    """Ids that no database keeps: empty, too long, with signs that cannot be seen."""
    unfit = ["", " ", "x" * chance.randint(256, 400), "a\0b", "a\ud800", "a\u200b", "a\nb", "\u202e1", 17, [17]]
    bad = chance.choice(unfit)
    link = {f"{CLAIM}resource_link": {"title": "no id", "id": bad}}
    changes = [link, {f"{CLAIM}deployment_id": bad}, {"sub": bad}]
    return signed(HEADER, written({**launch.claims, **chance.choice(changes)}))


# JSON: signed by the platform, and read in two ways by two readers


def odd_json(chance: Random, launch: Launch) -> str:
    """Names that stand twice, numbers that are none, other encodings, no end."""
    text = written(launch.claims)
    name = chance.choice(list(launch.claims))
    twice = f"{text[:-1]},{written(name)}:{written(chance.choice([launch.claims[name], None, 'x', chance.random()]))}}}"
    unfit: list[str | bytes] = [
        twice,
        f"{{{written(name)}:{chance.randrange(10**6)},{text[1:]}",
        f'{text[:-1]},"n":{chance.choice(["NaN", "Infinity", "-Infinity"])}}}',
        f'{text[:-1]},"n":{chance.choice(["01", "+1", ".5", "1.", "0x1F", "1e", "--1", LONG_INTEGER])}}}',
        text[:-1] + ',"deep":' + chance.choice(["[", OPEN_OBJECT]) * chance.randint(3000, 6000),
        f'{text[:-1]},"deep":{"[" * 4000}{"]" * 4000}}}',
        f'{text[:-1]},"inner":{{"a":1,"a":{chance.random()}}}}}',
        f"{text[:-1]},}}",
        f"/* {chance.random()} */{text}",
        text + chance.choice(["}", "x", "\0", ",", "{}", "//"]),
        text[: chance.randrange(len(text))],
        text.replace('"', "'"),
        text.encode(chance.choice(["utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be"])),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode()[:-1] + b',"n":"\xff\xfe"}',
        text.encode()[:-1] + b',"n":"\xed\xa0\x80"}',
        text.encode()[:-1] + b',"n":"\xc0\xaf"}',
        f'{text[:-1]},"n":"\n"}}',
        f'{text[:-1]},"n":"\\x41"}}',
        f"[{text}]",
        written(text),
        "null",
        "",
    ]
    return signed(HEADER, chance.choice(unfit))


# Signature


def other_signature(chance: Random, launch: Launch) -> str:
    """Not the platform's, not of this, or none."""
    payload = written(launch.claims)
    noise = chance.randbytes(256)
    ways: list[Callable[[bytes], bytes]] = [
        lambda data: rsa_key(1).sign(data, PKCS1v15(), hashes.SHA256()),
        lambda data: rsa_key().sign(data, PKCS1v15(), chance.choice([hashes.SHA384(), hashes.SHA512()])),
        lambda data: rsa_key().sign(data, PSS(MGF1(hashes.SHA256()), 32), hashes.SHA256()),
        lambda data: rsa_key().sign(data + b".", PKCS1v15(), hashes.SHA256()),
        lambda data: rsa_key().sign(hashlib.sha256(data).digest(), PKCS1v15(), hashes.SHA256()),
        lambda data: _rs256(data)[::-1],
        lambda data: _rs256(data) + b"\0",
        lambda data: b"\0" + _rs256(data),
        lambda data: _rs256(data)[:-1],
        lambda _data: bytes(256),
        lambda _data: (1).to_bytes(256),
        lambda _data: noise,
        lambda _data: b"",
        lambda data: hashlib.sha256(data).digest(),
    ]
    return signed(HEADER, payload, chance.choice(ways))


def _client(launch: Launch) -> str:
    said = launch.claims["aud"]
    return str(said if isinstance(said, str) else said[0])


def _is_number(value: object) -> bool:
    """Zero and below are moments of long ago; that is another way."""
    return isinstance(value, int | float) and not isinstance(value, bool)


REQUIRED = [
    *("iss", "aud", "sub", "exp", "iat", "nonce"),
    *(f"{CLAIM}{name}" for name in ("version", "message_type", "deployment_id", "target_link_uri", "roles")),
    f"{CLAIM}resource_link",
]
SPOILING: tuple[Spoil, ...] = (
    *(other_sign, strange_sign, lost_part, said_twice, moved_parts, changed_claims_under_the_old_signature),
    *(other_algorithm, other_key_id, odd_header),
    *(missing_claim, wrong_type, other_exact_value, other_audience, other_time, other_target, other_id),
    *(odd_json, other_signature),
)


# What changes nothing


def _white_space(_chance: Random, launch: Launch) -> str:
    return signed(json.dumps(json.loads(HEADER), indent=2), json.dumps(launch.claims, indent=4) + "\n")


def _other_order(chance: Random, launch: Launch) -> str:
    names = list(launch.claims)
    chance.shuffle(names)
    return signed(HEADER, written({name: launch.claims[name] for name in names}))


def _unknown_claims(chance: Random, launch: Launch) -> str:
    unknown = {f"https://elsewhere.example/{chance.random()}": chance.choice(WRONG_TYPES), "jti": str(chance.random())}
    return signed(HEADER[:-1] + ',"x5t":"unknown"}', written({**launch.claims, **unknown}))


def _escaped(_chance: Random, launch: Launch) -> str:
    text = written(launch.claims).replace("/", "\\/").replace('"nonce"', '"\\u006eonce"')
    return signed(HEADER, text)


def _as_it_stands(_chance: Random, launch: Launch) -> str:
    return signed(HEADER, json.dumps(launch.claims, ensure_ascii=False))


def _fractions(chance: Random, launch: Launch) -> str:
    return signed(HEADER, written({**launch.claims, "exp": launch.claims["exp"] + chance.random()}))


HARMLESS: tuple[Spoil, ...] = (_white_space, _other_order, _unknown_claims, _escaped, _as_it_stands, _fractions)
