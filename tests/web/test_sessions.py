import pytest

from app.core.ids import new_id
from app.models.sync import Device
from app.rules.vocabulary import Role
from tests import factories

FORM = {"username": "user-a", "password": factories.PASSWORD}


@pytest.fixture
def someone(app):
    return factories.user(Role.ADMIN, username="user-a")


@pytest.mark.parametrize(
    ("role", "first"),
    [
        (Role.VOLUNTEER, "/phone/"),
        (Role.LEADER, "/phone/"),
        (Role.OFFICIAL, "/coverage"),
        (Role.PROVINCE, "/indicators"),
        (Role.ADMIN, "/units"),
    ],
)
def test_signing_in_leads_to_the_first_page_of_the_role(client, role, first):
    factories.user(role, username="user-a", unit=factories.commune())
    answer = client.post("/sign-in", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/").location == first


def test_without_signing_in_the_first_page_is_the_sign_in_page(client):
    assert client.get("/").location == "/sign-in"


def test_a_wrong_password_says_so_and_keeps_the_user_name(client, someone):
    answer = client.post("/sign-in", data=FORM | {"password": "wrong", "next": "/units"})
    assert answer.status_code == 401
    assert "Sai tên đăng nhập hoặc mật khẩu." in answer.text
    assert 'value="user-a"' in answer.text
    assert 'name="next" value="/units"' in answer.text
    assert "wrong" not in answer.text


def test_too_many_attempts_say_how_long_to_wait(client, someone):
    for _ in range(8):
        assert client.post("/sign-in", data=FORM | {"password": "wrong"}).status_code == 401
    answer = client.post("/sign-in", data=FORM)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Thử lại sau 15 phút." in answer.text


def test_signing_in_goes_on_to_the_page_that_was_wanted(client, someone):
    wanted = client.get("/units?on=2022-05-01")
    assert wanted.status_code == 401
    assert 'name="next" value="/units?on=2022-05-01"' in wanted.text
    answer = client.post("/sign-in", data=FORM | {"next": "/units?on=2022-05-01"})
    assert answer.location == "/units?on=2022-05-01"


@pytest.mark.parametrize(
    "elsewhere", ["https://else.where/", "//else.where", "/\\else.where", "/\tx", "units"]
)
def test_signing_in_never_leads_to_another_site(client, someone, elsewhere):
    assert client.post("/sign-in", data=FORM | {"next": elsewhere}).location == "/"


def test_the_phone_that_the_form_names_is_enrolled(client, someone, db_session):
    device_id = new_id()
    client.post("/sign-in", data=FORM | {"device_id": device_id, "device_name": "máy thử"})
    assert db_session.get(Device, (device_id, someone.id)).name == "máy thử"


def test_a_device_whose_id_is_too_long_is_refused(client, someone):
    answer = client.post("/sign-in", data=FORM | {"device_id": "x" * 65, "device_name": "máy thử"})
    assert answer.status_code == 401


def test_signing_out_needs_the_token_of_a_page(client, someone):
    client.post("/sign-in", data=FORM)
    assert client.post("/sign-out").status_code == 400
    token = client.get("/api/v1/session").json["csrf_token"]
    assert client.post("/sign-out", data={"csrf_token": token}).location == "/sign-in"
    assert client.get("/units").status_code == 401


def test_the_sign_in_page_weighs_little(client):
    page = client.get("/sign-in")
    weight = len(page.data)
    for name in ("css/tokens.css", "css/sign-in.css", "js/sign-in.js"):
        address = next(part for part in page.text.split('"') if part.endswith(name))
        weight += len(client.get(address).data)
    assert weight <= 25_000


def test_another_site_cannot_sign_anyone_in(client, someone):
    answer = client.post("/sign-in", data=FORM, headers={"Origin": "https://else.where"})
    assert answer.status_code == 403
