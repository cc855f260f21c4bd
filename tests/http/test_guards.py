"""Everything not granted is denied; every answer bears the headers that protect who reads it."""

import pytest
from flask import Flask

from app.http import errors, guards
from app.rules.permissions import GRANTS
from app.rules.vocabulary import Role
from tests import factories


@pytest.fixture
def small() -> Flask:
    """An app with two views only, guarded as ours is."""
    app = Flask("small")
    app.config.update(SECRET_KEY="tests", TESTING=False, PROPAGATE_EXCEPTIONS=False)
    errors.init_app(app)
    guards.init_app(app)
    app.add_url_rule("/api/silent", view_func=lambda: "secret", endpoint="silent")
    app.add_url_rule("/api/open", view_func=guards.public(lambda: "open"), endpoint="open")
    return app


def test_a_view_that_names_no_permission_is_refused(small, monkeypatch):
    monkeypatch.setattr(errors, "translate", lambda text: text)
    answer = small.test_client().get("/api/silent")
    assert answer.status_code == 500
    assert b"secret" not in answer.data


def test_a_permission_that_nobody_defined_cannot_be_asked_for():
    with pytest.raises(KeyError):
        guards.requires("visits.dance")


PULL, VALUES, COVERAGE = "/api/v1/sync/pull", "/api/v1/indicators/values", "/api/v1/coverage"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("path", "permission"), [(PULL, "sync.pull"), (VALUES, "indicators.values"), (COVERAGE, "coverage.show")]
)
def test_a_role_without_the_permission_is_403(signed_in, role, path, permission):
    factories.epoch()
    unit = {Role.OFFICIAL: factories.commune, Role.PROVINCE: factories.province}.get(role)
    answer = signed_in(factories.user(role, unit=unit() if unit else None)).get(path)
    assert answer.status_code == (200 if role in GRANTS[permission] else 403)


def test_a_change_needs_the_token_and_a_look_does_not(client):
    client.sign_in(factories.user())
    del client.environ_base["HTTP_X_CSRFTOKEN"]
    assert client.get("/api/v1/session").status_code == 200
    assert client.head("/api/v1/session").status_code == 200
    assert client.delete("/api/v1/session").status_code == 400


def test_a_token_of_another_session_is_worth_nothing(signed_in):
    one, two = (signed_in(factories.user()) for _ in range(2))
    two.environ_base["HTTP_X_CSRFTOKEN"] = one.environ_base["HTTP_X_CSRFTOKEN"]
    assert two.delete("/api/v1/session").status_code == 400


def test_a_cookie_that_was_changed_is_nobodys(client):
    client.sign_in(factories.user())
    value = client.get_cookie("tung-nha").value
    client.set_cookie("tung-nha", value[:-2] + ("A" if value[-2] != "A" else "B") + value[-1])
    assert client.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/session", "/api/v1/nothing", "/sign-in", "/nothing"])
def test_every_answer_is_hardened_and_kept_by_no_cache(client, path):
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers
    assert "Strict-Transport-Security" in client.get(path, base_url="https://localhost").headers
