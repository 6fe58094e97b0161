"""pip's settings, as uv understands them."""

import pytest

from app.local import uv

LISTED = """\
:env:.disable-pip-version-check='1'
:env:.index-url='https://mirror.test/simple'
global.cert='/etc/our-ca.pem'
global.extra-index-url='\\nhttps://one.test/simple\\nhttps://two.test/simple'
global.find-links='/wheels /more-wheels'
global.index-url='https://other.test/simple'
install.trusted-host='mirror.test'
list.index-url='https://unrelated.test'
"""


def test_uv_gets_the_settings_of_pip_install() -> None:
    settings = uv.pip_settings(LISTED)
    assert settings["index-url"] == "https://mirror.test/simple"
    assert settings["trusted-host"] == "mirror.test"


def test_uv_gets_the_index_wheels_and_certificate() -> None:
    variables = uv.uv_variables(uv.pip_settings(LISTED))
    assert variables["UV_DEFAULT_INDEX"] == "https://mirror.test/simple"
    assert variables["UV_INDEX"] == "https://one.test/simple https://two.test/simple"
    assert variables["UV_FIND_LINKS"] == "/wheels,/more-wheels"
    assert variables["UV_INSECURE_HOST"] == "mirror.test"
    assert variables["SSL_CERT_FILE"] == "/etc/our-ca.pem"


@pytest.mark.parametrize("listed", ("", "global.index-url=''\n"))
def test_uv_uses_its_defaults_without_pip_settings(listed: str) -> None:
    variables = uv.uv_variables(uv.pip_settings(listed))
    assert set(variables) <= {"UV_INDEX_STRATEGY", "UV_SYSTEM_CERTS"}


@pytest.mark.parametrize(
    ("value", "options"),
    (("true", ["--no-index"]), ("1", ["--no-index"]), ("false", []), ("0", [])),
)
def test_uv_gets_no_index_when_pip_has_none(value: str, options: list[str]) -> None:
    assert uv.uv_options(uv.pip_settings(f"global.no-index='{value}'\n")) == options
    assert uv.uv_options({}) == []
