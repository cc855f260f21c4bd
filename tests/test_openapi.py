"""The OpenAPI document is true: it validates, and a fuzzer finds no answer that it does not tell of."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig as Config
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import ignored_auth
from werkzeug.test import Client

DOCUMENT = "/api/v1/openapi.json"
ACCOUNTS = (None, "volunteer", "leader", "official", "province", "admin")
DEVICE_ID = "018f0000-0000-7000-8000-000000000001"
EXAMPLES = 6
"""Examples for each operation, account and kind (sound or unsound); seeded, so that every run sees the same."""

UNPACKED = {"Accept-Encoding": "identity"}
"""The fuzzer's client offers Brotli and then does not unpack it."""

# Sessions are made by us, not made up. A well-formed question may still be refused, as no schema can tell which units
# or cursors exist (422, 413).
CONFIG = {
    "generation": {"with-security-parameters": False},
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "413", "422", "429"]}
    },
}

fuzzing = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def demo_app(make_app: Callable[[str], Flask]) -> Flask:
    """An app with a small demo, committed, because a fuzzer needs no transaction of ours."""
    app = make_app("openapi")
    for arguments in (["setup"], ["demo", "--households", "40", "--seed", "3"]):
        done = app.test_cli_runner().invoke(args=arguments)
        assert done.exit_code == 0, done.output
    return app


def test_the_document_validates(demo_app: Flask):
    document = Client(demo_app).get(DOCUMENT).get_json()
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize("username", ACCOUNTS)
def test_a_fuzzer_finds_nothing_undocumented(demo_app: Flask, username: str | None):
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, demo_app, config=Config.from_dict(CONFIG))
    complaints = []
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            try:
                fuzz(operation, mode, sign_in(demo_app, username))
            except Unsatisfiable:
                assert (
                    mode is GenerationMode.NEGATIVE
                )  # nothing can be wrong about a question without parameters
            except FailureGroup as failures:
                complaints += [f"{operation.label}, {mode.value}: {each}" for each in failures.exceptions]
    assert not complaints, "\n\n".join(complaints)


def fuzz(operation: APIOperation, mode: GenerationMode, session: dict[str, Any]) -> None:
    @seed(20221122)
    @fuzzing
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Case) -> None:
        if isinstance(case.body, dict) and "device_id" in case.body and mode is GenerationMode.POSITIVE:
            case.body["device_id"] = DEVICE_ID  # or every push is refused at the door
        # `ignored_auth` repeats the call "without" the cookie, which it then gets from us once more.
        case.call_and_validate(excluded_checks=[ignored_auth], **session)

    check()


def sign_in(app: Flask, username: str | None) -> dict[str, Any]:
    """Return cookies and headers of a fresh session, from an address that the fuzzer's refusals do not lock out."""
    if username is None:
        return {"headers": UNPACKED}
    body: dict[str, object] = {"username": username, "password": "tung-nha-demo"}
    if username in {"volunteer", "leader"}:
        body["device"] = {"id": DEVICE_ID, "name": "fuzzer"}
    client = Client(app)
    answer = client.post("/api/v1/session", json=body, environ_base={"REMOTE_ADDR": "127.0.0.2"})
    assert answer.status_code == 200, answer.text
    cookie = client.get_cookie("tung-nha")
    assert cookie is not None
    return {
        "cookies": {cookie.key: cookie.value},
        "headers": {"X-CSRFToken": answer.get_json()["csrf_token"], **UNPACKED},
    }
