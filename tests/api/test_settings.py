"""Invalid settings end the program with one sentence that reveals no secret."""

import os
import subprocess
import sys

import pytest
from pydantic import SecretStr, ValidationError

from app.database_url import parameters_of
from app.local.paths import ROOT
from app.settings import Settings

SECRET = "S3cr3tPw"
URL = f"postgresql://marquee:{SECRET}@127.0.0.1:1/marquee"
PROGRAMS = (
    ("app",),
    ("app.operations.migrations", "apply"),
    ("app.operations.migrations", "rollback"),
    ("app.operations.admin_account", "--name", "Ana", "--phone", "0171 3920001"),
    ("seeds.demo",),
    ("seeds.generate", "--events", "1"),
)


def run(*words: str, **settings: str) -> tuple[int, str]:
    """Run a program; return its exit code and its whole output."""
    finished = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={**os.environ, **settings},
        input="a password of nobody\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return finished.returncode, finished.stdout + finished.stderr


@pytest.mark.parametrize("words", PROGRAMS, ids=" ".join)
def test_a_malformed_database_url_is_not_shown(words: tuple[str, ...]) -> None:
    url = f"postgres//marquee:{SECRET}@x"
    code, said = run(*words, DATABASE_URL=url, DEMO="1", METRICS_TOKEN=SECRET)
    assert code == 1
    assert "DATABASE_URL is not a PostgreSQL address. Its form is" in said
    assert (SECRET in said, "Traceback" in said) == (False, False)


@pytest.mark.parametrize(
    "url",
    (
        *("", "marquee", "mysql://u:p@h/d", f"host=127.0.0.1 password={SECRET} dbname=d"),
        # A password that is not percent-encoded.
        *(f"postgresql://u:{SECRET}#x@h/d", f"postgresql://u:{SECRET}/x@h/d"),
        *(f"postgresql://u:5/{SECRET}@h/d", f"postgresql://u:5?{SECRET}@h/d"),
        *(f"postgresql://u:{SECRET}@x@h/d", f"postgresql://u:%zz{SECRET}@h/d"),
        *(f"postgresql://u:[{SECRET}@h/d", "postgresql://u:p@h:54x/d"),
    ),
)
def test_an_ambiguous_database_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is not a PostgreSQL address") as refused:
        parameters_of(url)
    assert SECRET not in str(refused.value)


def test_database_urls_may_name_several_hosts_or_a_socket() -> None:
    parameters = parameters_of("postgresql://u:p%40s@a:1,[::1]:2/d?target_session_attrs=any")
    assert (parameters["host"], parameters["port"]) == ("a,::1", "1,2")
    assert parameters["password"] == "p@s"
    assert parameters_of("postgresql:///d?host=/tmp")["host"] == "/tmp"


@pytest.mark.parametrize("words", PROGRAMS[1:], ids=" ".join)
def test_an_unusable_database_is_reported_without_a_traceback(words: tuple[str, ...]) -> None:
    code, said = run(*words, DATABASE_URL=f"{URL}?connect_timeout=soon", DEMO="1")
    assert code == 1
    assert (SECRET in said, "Traceback" in said) == (False, False)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    (
        ("TRUSTED_PROXIES", "*", "* would let every client choose the address it is known by"),
        ("TRUSTED_PROXIES", "127.0.0.1, *", "* would let every client choose the address"),
        ("TRUSTED_PROXIES", "10.0.0.0/33", "does not appear to be an IPv4 or IPv6 network"),
        ("TRUSTED_PROXIES", "proxy.internal", "does not appear to be an IPv4 or IPv6 network"),
        ("PUBLIC_URL", "tickets.example", "like https://tickets.example"),
        ("PUBLIC_URL", "https://tickets.example/shop", "It must be an address without a path"),
        ("PUBLIC_URL", "https://someone@tickets.example", "It must be an address without a path"),
        ("PUBLIC_URL", "ftp://tickets.example", "It must be an address without a path"),
        ("PUBLIC_URL", "https://tickets.example:http", "It must be an address without a path"),
        ("KEEP_ALIVE_SECONDS", "0", "greater than or equal to 1"),
        ("PORT", "80000", "less than or equal to 65535"),
    ),
)
def test_an_invalid_setting_is_named(name: str, value: str, sentence: str) -> None:
    code, said = run("app", DATABASE_URL=URL, METRICS_TOKEN=SECRET, **{name: value})
    assert code == 1
    assert said.startswith(f"{name}: ")
    assert sentence in said
    assert (SECRET in said, "Traceback" in said) == (False, False)


def test_an_error_about_one_setting_does_not_show_others() -> None:
    code, said = run("app", METRICS_TOKEN=SECRET, DATABASE_URL="")
    assert (code, SECRET in said) == (1, False)
    assert "DATABASE_URL" in said


def test_errors_about_settings_do_not_show_secrets() -> None:
    for given in ({"metrics_token": SECRET}, {"database_url": f"mysql://u:{SECRET}@h/d"}):
        with pytest.raises(ValidationError) as error:
            Settings.model_validate(given)
        assert SECRET not in str(error.value)


def settings(**given: str) -> Settings:
    return Settings.model_validate({"database_url": URL, **given})


def test_printed_settings_do_not_show_secrets() -> None:
    shown = settings(metrics_token=SECRET)
    assert SECRET not in f"{shown!r} {shown}"
    assert shown.database_url == SecretStr(URL)


@pytest.mark.parametrize(
    ("given", "kept"),
    (
        ("https://Tickets.Example/", "https://tickets.example"),
        ("https://tickets.example:443", "https://tickets.example"),
        ("http://tickets.example:8080", "http://tickets.example:8080"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[2001:db8::7]:8080", "http://[2001:db8::7]:8080"),
    ),
)
def test_the_public_url_is_normalised_to_an_origin(given: str, kept: str) -> None:
    assert settings(public_url=given).public_url == kept


def test_an_empty_public_url_is_unset() -> None:
    assert settings(public_url="").public_url is None


def test_trusted_proxies_are_addresses_and_networks() -> None:
    trusting = settings(trusted_proxies="192.0.2.7, 10.0.0.0/8,2001:db8::/32")
    for address in ("192.0.2.7", "10.9.8.7", "2001:db8::1"):
        assert trusting.trusts(address)
    for address in ("192.0.2.8", "11.0.0.1", "::1", "unix:", ""):
        assert not trusting.trusts(address)


def test_idle_connections_outlive_those_of_load_balancers() -> None:
    assert settings().keep_alive_seconds > 60


@pytest.mark.parametrize(
    ("url", "warned"),
    (
        ("postgresql://u:p@127.0.0.1/d", False),
        ("postgresql:///d?host=/tmp", False),
        ("postgresql://u:p@db.example/d?sslmode=verify-full", False),
        ("postgresql://u:p@db.example/d", True),
        ("postgresql://u:p@db.example/d?sslmode=require", True),
        ("postgresql://u:p@127.0.0.1,db.example/d", True),
    ),
)
def test_a_database_behind_a_network_needs_a_checked_certificate(
    monkeypatch: pytest.MonkeyPatch, url: str, warned: bool
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert Settings().database_certificate_unchecked is warned
