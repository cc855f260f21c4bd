"""The command line as api.md fixes it: what it prints, when it fails, and that a failed import changes nothing."""

from datetime import date

import pytest
from sqlalchemy import func, select

from app.core.database import db
from app.models.audit import AuditEntry
from app.models.baselines import Baseline
from app.models.teams import Membership, Team
from app.models.units import Succession, Unit, UnitSpan
from app.models.users import User
from tests import factories

UNITS = "code,kind,name,parent_code,valid_from,valid_to\n"
SUCCESSIONS = "old_code,new_code,on,part\n"
BASELINES = "unit_code,year,households,population,population_15_plus,adults\n"
MAP = UNITS + (
    "25768,commune,Phường Hiệp An,,2022-01-01,2025-06-30\n"
    "25768@2025-07-01,commune,Phường Phú An,,2025-07-01,\n"
    "K1,hamlet,Khu phố 1,25768,2022-01-01,2025-06-30\n"
    "K1,hamlet,Khu phố 1,25768@2025-07-01,2025-07-01,\n"
).replace(",,2022", ",74,2022").replace(",,2025-07", ",79,2025-07")
PROVINCES = "74,province,Bình Dương,,2022-01-01,2025-06-30\n79,province,Thành phố Hồ Chí Minh,,2022-01-01,\n"


@pytest.fixture
def run(cli, tmp_path):
    def running(*args, file=None):
        arguments = [str(each) for each in args]
        if file is not None:
            path = tmp_path / "file.csv"
            path.write_bytes(file if isinstance(file, bytes) else file.encode())
            arguments.append(str(path))
        return cli.invoke(args=arguments)

    return running


@pytest.fixture
def register(run):
    assert run("units", "import", file=MAP + PROVINCES).exit_code == 0


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_units_are_loaded_once_and_parents_may_come_later_in_the_file(run):
    first = run("units", "import", file=MAP + PROVINCES)
    assert (first.exit_code, first.output) == (0, "5 units were new or changed.\n")
    ids = {row.id for row in db.session.scalars(select(Unit))}
    assert {"25768-20220101", "25768-20250701", "K1-20220101"} <= ids
    spans = select(UnitSpan).where(UnitSpan.unit_id == "K1-20220101").order_by(UnitSpan.valid_from)
    assert [span.parent_id for span in db.session.scalars(spans)] == ["25768-20220101", "25768-20250701"]
    trail = count(AuditEntry)
    again = run("units", "import", file=MAP + PROVINCES)
    assert (again.exit_code, again.output) == (0, "0 units were new or changed.\n")
    assert (count(AuditEntry), count(UnitSpan)) == (trail, 6)


def test_a_byte_order_mark_and_windows_lines_are_harmless(run):
    file = b"\xef\xbb\xbf" + (UNITS + PROVINCES).replace("\n", "\r\n").encode()
    assert run("units", "import", file=file).exit_code == 0
    assert count(Unit) == 2


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("K9,village,Ấp 9,25768,2022-01-01,\n", "line 2"),
        ("K9,hamlet,,25768,2022-01-01,\n", "line 2"),
        ("K9,hamlet,Ấp 9,25768,1/1/2022,\n", "line 2"),
        ("K9,hamlet,Ấp 9,25768,,\n", "line 2"),
        ("K9,hamlet,Ấp 9,25768,2022-02-30,\n", "line 2"),
        ("K9,hamlet,Ấp 9,99999,2022-01-01,\n", "line 2"),
        ("K9,hamlet,Ấp 9,,2022-01-01,\n", "line 2"),
        ("K9,hamlet,Ấp 9,K1,2022-01-01,\n", "line 2"),
        ("K9,hamlet,Ấp 9,25768,2021-12-31,\n", "line 2"),  # no such parent on that day
        ("K9,hamlet,Ấp 9,25768,2022-06-01,2022-05-31\n", "line 2"),
        ("K9,hamlet,A,25768,2022-01-01,2023-01-01\nK9,hamlet,B,25768,2023-01-01,\n", "line 2"),
        ("K9,hamlet,A,25768,2022-01-01,\nK9,commune,B,74,2023-01-01,\n", "line 3"),
        ("K9@someday,hamlet,A,25768,2022-01-01,\n", "line 2"),
        (",hamlet,A,25768,2022-01-01,\n", "line 2"),
        ("K9,hamlet\n", "line 2"),
        (f"K9,hamlet,{'x' * 121},25768,2022-01-01,\n", "line 2"),
        ('K9,hamlet,"A,25768,2022-01-01,\n', ""),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_nothing_is_loaded(run, register, rows, told):
    good = "K8,hamlet,Ấp 8,25768,2022-01-01,2025-06-30\n"
    before = (count(Unit), count(UnitSpan), count(AuditEntry))
    result = run("units", "import", file=UNITS + rows + good)
    assert result.exit_code == 1, result.output
    assert told in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert (count(Unit), count(UnitSpan), count(AuditEntry)) == before


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("code,kind,name\n", "parent_code"),
        ("", "code"),
        ("mã,cấp\n".encode("utf-16"), "UTF-8"),
        ((UNITS + "K9,hamlet,Ấp 9,25768,2022-01-01,\n").encode("cp1258", "replace"), ""),
    ],
)
def test_a_file_that_is_not_one_of_units_is_refused(run, file, told):
    result = run("units", "import", file=file)
    assert result.exit_code == 1
    assert told in result.output
    assert count(Unit) == 0


def test_a_file_that_is_not_there_is_a_usage_error(run):
    assert run("units", "import", "nowhere.csv").exit_code == 2


def test_a_bare_old_code_means_the_day_before_and_a_bare_new_one_the_day_itself(run, register):
    result = run("units", "successions", file=SUCCESSIONS + "25768,25768,2025-07-01,part\n")
    assert (result.exit_code, result.output) == (0, "1 successions were new or changed.\n")
    fact = db.session.scalars(select(Succession)).one()
    assert (fact.old_id, fact.new_id, fact.part) == ("25768-20220101", "25768-20250701", "part")
    again = run("units", "successions", file=SUCCESSIONS + "25768,25768@2025-07-01,2025-07-01,part\n")
    assert again.output == "0 successions were new or changed.\n"
    for row in (
        "25768,99999,2025-07-01,whole\n",
        "25768,25768,2025-07-01,most\n",
        "25768,25768,2021-01-01,whole\n",
    ):
        assert "line 2" in run("units", "successions", file=SUCCESSIONS + row).output


def test_baselines_take_the_unit_of_the_first_of_january(run, register):
    rows = "25768,2025,100,350,,250\n25768,2026,120,,,\n"
    result = run("baselines", "import", file=BASELINES + rows)
    assert (result.exit_code, result.output) == (0, "2 baselines were new or changed.\n")
    old = db.session.get_one(Baseline, ("25768-20220101", 2025))
    assert (old.households, old.population, old.population_15_plus, old.adults) == (100, 350, None, 250)
    assert db.session.get_one(Baseline, ("25768-20250701", 2026)).households == 120
    assert run("baselines", "import", file=BASELINES + rows).output == "0 baselines were new or changed.\n"


@pytest.mark.parametrize(
    "row",
    [
        "25768,2021,1,1,1,1\n",
        "99999,2025,1,1,1,1\n",
        "25768,1789,1,1,1,1\n",
        "25768,next,1,1,1,1\n",
        "25768,2025,-1,1,1,1\n",
        "25768,2025,1.5,1,1,1\n",
        "25768,2025,99999999999,1,1,1\n",
        "25768@2025-13-01,2025,1,1,1,1\n",
    ],
)
def test_a_baseline_of_no_unit_or_of_no_number_is_an_error_of_that_row(run, register, row):
    result = run("baselines", "import", file=BASELINES + "25768,2025,1,1,1,1\n" + row)
    assert result.exit_code == 1
    assert "line 3" in result.output
    assert count(Baseline) == 0


def add_team(run, **options):
    given = {"kind": "commune", "unit": "25768", "name": "Tổ 1", "decision": "12/QĐ", "founded": "2022-06-01"}
    return run("teams", "add", *(f"--{name}={value}" for name, value in (given | options).items()))


def test_teams_add_prints_the_id_and_teams_end_ends_it(run, register):
    result = add_team(run)
    assert result.exit_code == 0, result.output
    team = db.session.get_one(Team, result.output.strip())
    assert (team.unit_id, team.founded_on, team.dissolved_on) == ("25768-20250701", date(2022, 6, 1), None)
    assert run("teams", "end", team.id, "--on", "2025-01-01").exit_code == 0
    assert db.session.get_one(Team, team.id).dissolved_on == date(2025, 1, 1)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("25768@2025-07-01", "25768-20250701"),
        ("25768@2022-09-01", "25768-20220101"),
        ("25768@2025-06-30", "25768-20220101"),
    ],
)
def test_a_date_on_a_code_tells_which_unit_is_meant(run, register, unit, expected):
    assert db.session.get_one(Team, add_team(run, unit=unit).output.strip()).unit_id == expected


def test_a_bare_code_may_mean_the_only_unit_that_bore_it_though_it_has_ended(run):
    factories.commune(code="00001", valid_to=date(2025, 6, 30))
    assert add_team(run, unit="00001").exit_code == 0


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"kind": "hamlet"}, 1),
        ({"unit": "K1"}, 1),
        ({"unit": "99999"}, 1),
        ({"unit": "25768@2021-01-01"}, 1),
        ({"unit": "25768@today"}, 1),
        ({"unit": "25768@"}, 1),
        ({"name": "  "}, 1),
        ({"name": "x" * 161}, 1),
        ({"decision": " "}, 1),
        ({"decision": "x" * 81}, 1),
        ({"founded": "1/6/2022"}, 2),
        ({"kind": "choir"}, 2),
    ],
)
def test_a_team_that_cannot_be_is_refused(run, register, options, status):
    result = add_team(run, **options)
    assert result.exit_code == status, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert count(Team) == (status == 0)


@pytest.mark.parametrize("team_id", ["nonsense", "0195d4c5-0000-7000-8000-000000000000"])
def test_a_team_that_is_not_there_cannot_be_ended(run, team_id):
    result = run("teams", "end", team_id, "--on", "2025-01-01")
    assert (result.exit_code, "No such team." in result.output) == (1, True)


def test_a_team_does_not_end_before_it_began(run, register):
    team_id = add_team(run).output.strip()
    assert run("teams", "end", team_id, "--on", "2022-05-31").exit_code == 1


def test_users_add_prints_the_id_and_the_account_can_sign_in(run, register, client, monkeypatch):
    monkeypatch.setenv("TUNG_NHA_PASSWORD", "mật khẩu đủ dài")
    team_id = add_team(run).output.strip()
    result = run(
        "users", "add", "Chị.Lan", "--role", "volunteer", "--name", "  Nguyễn  Thử ", "--team", team_id
    )
    assert result.exit_code == 0, result.output
    user = db.session.get_one(User, result.output.strip())
    assert (user.username, user.name) == ("chị.lan", "Nguyễn Thử")
    assert db.session.scalars(select(Membership.team_id)).all() == [team_id]
    answer = client.post("/api/v1/session", json={"username": "chị.lan", "password": "mật khẩu đủ dài"})
    assert [team["id"] for team in answer.json["user"]["teams"]] == [team_id]
    assert run("users", "add", "CHỊ.LAN", "--role", "admin", "--name", "B").exit_code == 1


@pytest.mark.parametrize(
    ("role", "options", "status"),
    [
        ("official", ("--unit", "25768"), 0),
        ("official", (), 1),
        ("official", ("--unit", "79"), 1),
        ("province", ("--unit", "74@2025-06-30"), 0),
        ("province", ("--unit", "25768"), 1),
        ("province", (), 1),
        ("admin", (), 0),
        ("admin", ("--unit", "79"), 0),
        ("volunteer", (), 1),
        ("leader", ("--unit", "25768"), 1),
        ("volunteer", ("--team", "nonsense"), 1),
        ("mayor", (), 2),
    ],
)
def test_each_role_has_its_own_scope(run, register, monkeypatch, role, options, status):
    monkeypatch.setenv("TUNG_NHA_PASSWORD", "long enough")
    result = run("users", "add", "someone", "--role", role, "--name", "Người thử", *options)
    assert result.exit_code == status, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert count(User) == (status == 0)


@pytest.mark.parametrize("username", ["", " ", "a b", "x" * 65, "a\u00a0b"])
def test_a_user_name_has_no_spaces_and_an_end(run, monkeypatch, username):
    monkeypatch.setenv("TUNG_NHA_PASSWORD", "long enough")
    assert run("users", "add", username, "--role", "admin", "--name", "Người thử").exit_code == 1


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_a_password_has_a_sensible_length(run, monkeypatch, password):
    monkeypatch.setenv("TUNG_NHA_PASSWORD", password)
    assert run("users", "add", "someone", "--role", "admin", "--name", "Người thử").exit_code == 1
    assert count(User) == 0


@pytest.mark.parametrize("name", ["", "  ", "x" * 121])
def test_a_person_has_a_name(run, monkeypatch, name):
    monkeypatch.setenv("TUNG_NHA_PASSWORD", "long enough")
    assert run("users", "add", "someone", "--role", "admin", "--name", name).exit_code == 1
