"""Which tokens speak for somebody, and which do not."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from graph.auth import Identity, InvalidTokenError, NoAuthError, TokenVerifier, bearer, issue_token, verifier
from graph.jwks import KeySource, KeysUnavailableError
from settings import Settings

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "https://issuer.example/jwks"


def now() -> datetime:
    return NOW


def stamp(**delta: float) -> int:
    return int((NOW + timedelta(**delta)).timestamp())


def signed(claims: dict[str, object], secret: str = SECRET, alg: str = "HS256") -> str:
    return jwt.encode({"alg": alg}, claims, OctKey.import_key(secret), algorithms=[alg])


async def test_an_issued_token_names_its_subject_and_its_end() -> None:
    verify = TokenVerifier(secret=SECRET, issuer="homeroom", audience="api", now=now)
    token = issue_token(SECRET, "rosa", hours=2, issuer="homeroom", audience="api", now=now)
    assert await verify.identify(token) == Identity("rosa", NOW + timedelta(hours=2))
    assert await verify.identify(token) == Identity("rosa", NOW + timedelta(hours=2))


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"sub": "a", "exp": stamp(seconds=-61)}, "The token has expired."),
        ({"sub": "a", "exp": stamp(hours=1), "nbf": stamp(seconds=61)}, "The token is not valid here."),
        ({"sub": "a"}, "The token is not valid here."),
        ({"exp": stamp(hours=1)}, "The token is not valid here."),
        ({"sub": "", "exp": stamp(hours=1)}, "The token is not valid here."),
        ({"sub": "a", "exp": 10**30}, "The token is not valid here."),
    ],
)
async def test_claims_that_are_missing_or_out_of_time_are_refused(claims: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidTokenError, match=said):
        await TokenVerifier(secret=SECRET, now=now).identify(signed(claims))


async def test_clocks_may_differ_by_a_minute() -> None:
    verify = TokenVerifier(secret=SECRET, now=now)
    late = signed({"sub": "a", "exp": stamp(seconds=-59)})
    early = signed({"sub": "a", "exp": stamp(hours=1), "nbf": stamp(seconds=59)})
    assert (await verify.identify(late)).subject == "a"
    assert (await verify.identify(early)).subject == "a"


@pytest.mark.parametrize("wrong", [{"iss": "other", "aud": "api"}, {"iss": "homeroom", "aud": "other"}, {}])
async def test_another_issuer_or_audience_is_refused(wrong: dict[str, str]) -> None:
    verify = TokenVerifier(secret=SECRET, issuer="homeroom", audience="api", now=now)
    with pytest.raises(InvalidTokenError):
        await verify.identify(signed({"sub": "a", "exp": stamp(hours=1), **wrong}))


@pytest.mark.parametrize("claims", [{"iss": "homeroom", "aud": ["x", "api"]}])
async def test_one_of_several_audiences_is_enough(claims: dict[str, object]) -> None:
    verify = TokenVerifier(secret=SECRET, issuer="homeroom", audience="api", now=now)
    assert (await verify.identify(signed({"sub": "a", "exp": stamp(hours=1), **claims}))).subject == "a"


async def test_an_unsigned_token_is_refused() -> None:
    parts = [{"alg": "none", "typ": "JWT"}, {"sub": "a", "exp": stamp(hours=1)}]
    text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    for token in (f"{text}.", text, "", "nonsense", "a.b.c", "é.b.c"):
        with pytest.raises(InvalidTokenError):
            await TokenVerifier(secret=SECRET, now=now).identify(token)


async def test_a_tampered_or_foreign_signature_is_refused() -> None:
    verify = TokenVerifier(secret=SECRET, now=now)
    token = signed({"sub": "a", "exp": stamp(hours=1)})
    other = signed({"sub": "b", "exp": stamp(hours=1)})
    spliced = ".".join([*other.split(".")[:2], token.split(".")[2]])
    foreign = signed({"sub": "a", "exp": stamp(hours=1)}, secret=SECRET[::-1])
    stronger = signed({"sub": "a", "exp": stamp(hours=1)}, secret=SECRET * 2, alg="HS512")
    for bad in (spliced, foreign, stronger):
        with pytest.raises(InvalidTokenError):
            await verify.identify(bad)


class Issuer:
    """An OIDC issuer whose key set can change or fail."""

    def __init__(self, *keys: RSAKey | ECKey) -> None:
        self.keys = list(keys)
        self.up = True
        self.asked = 0
        self.time = 1_000.0

    def source(self) -> KeySource:
        return KeySource(URL, httpx.MockTransport(self._answer), lambda: self.time)

    def _answer(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if not self.up:
            return httpx.Response(500)
        return httpx.Response(200, json={"keys": [key.as_dict(private=False) for key in self.keys]})


def by(key: RSAKey | ECKey, alg: str, **header: str) -> str:
    return jwt.encode({"alg": alg, **header}, {"sub": "a", "exp": stamp(hours=1)}, key, algorithms=[alg])


RSA = RSAKey.generate_key(2048, {"kid": "one"})
RSA2 = RSAKey.generate_key(2048, {"kid": "two"})
EC = ECKey.generate_key("P-256", {"kid": "curve"})


async def test_an_issuers_keys_are_fetched_once_and_serve_by_their_id() -> None:
    issuer = Issuer(RSA, EC)
    verify = TokenVerifier(keys=issuer.source(), now=now)
    for token in (by(RSA, "RS256", kid="one"), by(RSA, "PS256", kid="one"), by(EC, "ES256", kid="curve")):
        assert (await verify.identify(token)).subject == "a"
    assert issuer.asked == 1


async def test_a_key_without_an_id_serves_where_only_one_can_be_meant() -> None:
    alone = TokenVerifier(keys=Issuer(RSA, EC).source(), now=now)
    assert (await alone.identify(by(RSA, "RS256"))).subject == "a"
    several = TokenVerifier(keys=Issuer(RSA, RSA2).source(), now=now)
    with pytest.raises(InvalidTokenError):
        await several.identify(by(RSA, "RS256"))


async def test_a_new_key_id_has_the_set_fetched_again_at_most_twice_a_minute() -> None:
    issuer = Issuer(RSA)
    verify = TokenVerifier(keys=issuer.source(), now=now)
    assert (await verify.identify(by(RSA, "RS256", kid="one"))).subject == "a"
    issuer.keys.append(RSA2)
    issuer.time += 31
    assert (await verify.identify(by(RSA2, "RS256", kid="two"))).subject == "a"
    assert issuer.asked == 2
    for _ in range(5):
        with pytest.raises(InvalidTokenError):
            await verify.identify(by(RSA2, "RS256", kid="three"))
    assert issuer.asked == 2


async def test_known_keys_outlive_an_issuer_that_is_down() -> None:
    issuer = Issuer(RSA)
    verify = TokenVerifier(keys=issuer.source(), now=now)
    await verify.identify(by(RSA, "RS256", kid="one"))
    issuer.up, issuer.time = False, issuer.time + 3_600
    assert (await verify.identify(by(RSA, "RS384", kid="one"))).subject == "a"


async def test_without_any_key_it_is_not_the_tokens_fault() -> None:
    issuer = Issuer(RSA)
    issuer.up = False
    with pytest.raises(KeysUnavailableError):
        await TokenVerifier(keys=issuer.source(), now=now).identify(by(RSA, "RS256", kid="one"))


async def test_a_public_key_is_no_shared_secret() -> None:
    public = RSA.as_pem(private=False)
    forged = jwt.encode(
        {"alg": "HS256", "kid": "one"},
        {"sub": "a", "exp": stamp(hours=1)},
        OctKey.import_key(base64.b64encode(public)),
        algorithms=["HS256"],
    )
    for verify in (
        TokenVerifier(keys=Issuer(RSA).source(), now=now),
        TokenVerifier(secret=SECRET, keys=Issuer(RSA).source(), now=now),
    ):
        with pytest.raises(InvalidTokenError):
            await verify.identify(forged)


MINE = RSAKey.generate_key(2048, {"kid": "mine"})


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "one"},
        {"kid": "mine", "jwk": MINE.as_dict(private=False)},
        {"kid": "mine", "jku": "https://attacker.example/jwks"},
        {"kid": "mine", "x5u": "https://attacker.example/cert"},
        {"kid": "../../../dev/null"},
        {"kid": "one' OR 1=1"},
    ],
)
async def test_a_header_chooses_among_the_issuers_keys_and_brings_none(header: dict[str, object]) -> None:
    """A stranger's signature under a known key's id, and keys that the token itself offers."""
    issuer = Issuer(RSA, EC)
    verify = TokenVerifier(keys=issuer.source(), now=now)
    claims = {"sub": "a", "exp": stamp(hours=1)}
    forged = jws.serialize_compact(
        {"alg": "RS256", **header}, json.dumps(claims), MINE, algorithms=["RS256"], registry=_any_header()
    )
    with pytest.raises(InvalidTokenError):
        await verify.identify(forged)
    assert issuer.asked <= 2


def _any_header() -> jws.JWSRegistry:
    return jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)


async def test_a_key_signs_with_its_own_kind_of_algorithm_only() -> None:
    """The id of a curve's key under an RSA signature, and the other way round."""
    verify = TokenVerifier(keys=Issuer(RSA, EC).source(), now=now)
    for forged in (by(RSA, "RS256", kid="curve"), by(EC, "ES256", kid="one")):
        with pytest.raises(InvalidTokenError):
            await verify.identify(forged)


async def test_a_huge_token_is_refused_before_it_costs_anything() -> None:
    issuer = Issuer(RSA)
    verify = TokenVerifier(secret=SECRET, keys=issuer.source(), now=now)
    signature = "A" * 1_000_000
    began = time.thread_time()
    for token in ("a" * 5_000_000, f"{'.' * 1_000_000}", f"e30.{'A' * 3_000_000}.{signature}"):
        with pytest.raises(InvalidTokenError):
            await verify.identify(token)
    large = signed({"sub": "a", "exp": stamp(hours=1), "padding": "x" * 100_000})
    with pytest.raises(InvalidTokenError, match=r"The token is too long\."):
        await verify.identify(large)
    assert time.thread_time() - began < 1
    assert issuer.asked == 0


@pytest.mark.parametrize("secret", ["short", "a" * 40, "0123456789abcdefghijklmnopqrstu"])
def test_a_guessable_secret_stops_the_start(secret: str) -> None:
    with pytest.raises(NoAuthError):
        verifier(Settings(auth_secret=secret, _env_file=None))


def test_without_any_auth_setting_nothing_starts() -> None:
    with pytest.raises(NoAuthError, match="HOMEROOM_AUTH_JWKS_URL"):
        verifier(Settings(_env_file=None))


def test_keys_over_plain_http_are_refused() -> None:
    with pytest.raises(ValueError, match="https"):
        verifier(Settings(auth_jwks_url="http://issuer.example/jwks", _env_file=None))
    assert verifier(Settings(auth_jwks_url="http://localhost:8080/jwks", _env_file=None)) is not None


def test_the_header_is_bearer_and_a_token() -> None:
    assert bearer(None) is None
    assert bearer("bearer  abc ") == "abc"
    for bad in ("Basic abc", "Bearer", "Bearer ", "abc", ""):
        with pytest.raises(InvalidTokenError):
            bearer(bad)
