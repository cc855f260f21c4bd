"""What phones fetch is made smaller, pages with tokens are not, and caches and ranges stay right."""

import gzip
import json

import brotli
import pytest

from app.http import compression
from tests import factories
from tests.phones import Phone

TAKES_BOTH = {"Accept-Encoding": "gzip, deflate, br"}
TAKES_GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def style(app):
    return app.extensions["assets"].url("css/base.css")


@pytest.mark.parametrize(
    ("headers", "name", "unpack"),
    [(TAKES_BOTH, "br", brotli.decompress), (TAKES_GZIP, "gzip", gzip.decompress)],
)
def test_a_file_comes_as_the_client_takes_it_and_is_the_same_unpacked(client, style, headers, name, unpack):
    plain = client.get(style)
    packed = client.get(style, headers=headers)
    assert packed.headers["Content-Encoding"] == name
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert unpack(packed.data) == plain.data
    assert "immutable" in packed.headers["Cache-Control"]


def test_a_client_that_takes_nothing_gets_the_file_as_it_is(client, style):
    plain = client.get(style, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_a_file_is_compressed_once(client, style, monkeypatch):
    packed = client.get(style, headers=TAKES_BOTH).data
    monkeypatch.setattr("flask_compress.flask_compress._compress_data", lambda *_: pytest.fail("again"))
    assert client.get(style, headers=TAKES_BOTH).data == packed


def test_each_form_has_its_own_etag_by_which_it_need_not_be_sent_again(client, style):
    etags = set()
    for headers in ({}, TAKES_BOTH, TAKES_GZIP):
        etag = client.get(style, headers=headers).headers["ETag"]
        again = client.get(style, headers=headers | {"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")
        etags.add(etag)
    assert len(etags) == 3


def test_a_part_of_a_file_is_a_part_of_it_as_it_is(client, style):
    plain = client.get(style).data
    part = client.get(style, headers=TAKES_BOTH | {"Range": "bytes=10-1000"})
    assert part.status_code == 206
    assert "Content-Encoding" not in part.headers
    assert part.data == plain[10:1001]


def test_head_tells_what_get_would(client, style):
    got = client.get(style, headers=TAKES_BOTH)
    head = client.head(style, headers=TAKES_BOTH)
    assert head.data == b""
    for name in ("Content-Length", "Content-Encoding", "ETag"):
        assert head.headers[name] == got.headers[name]


def test_what_phones_pull_is_compressed(app, signed_in):
    factories.epoch()
    team = factories.team()
    for _ in range(5):
        factories.household(team=team)
    phone = Phone(signed_in, factories.user(team=team), team)
    answer = phone.client.get("/api/v1/sync/pull", headers=TAKES_BOTH)
    assert answer.headers["Content-Encoding"] == "br"
    told = json.loads(brotli.decompress(answer.data))
    assert sum(item["kind"] == "household" for item in told["items"]) == 5
    assert answer.headers["Cache-Control"] == "no-store"
    assert not any("/sync/" in key for key in compression._compress.cache._kept)


@pytest.mark.parametrize("page", ["/sign-in", "/phone/"])
def test_pages_with_tokens_are_not_compressed(client, page):
    answer = client.get(page, headers=TAKES_BOTH)
    assert answer.mimetype == "text/html"
    assert "Content-Encoding" not in answer.headers
