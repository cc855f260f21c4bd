"""What each figure means: definitions as data, ages, and the arithmetic that needs no database.

A definition never changes under its version; a change of meaning is a new version. Where the words come
from: decision 411/QĐ-TTg, the ministry's guidance to the teams (2022), decree 135/2020/NĐ-CP for working
ages.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.rules.vocabulary import Phone, Sex, TeamKind

VERSION = "2022.1"


class Counts(StrEnum):
    """What an indicator counts; `flow` counts events of a period, all others a state at a cut-off."""

    HOUSEHOLDS = "households"
    PEOPLE = "people"
    UNITS = "units"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Counterpart:
    """An international indicator that ours is (`same`) or comes near to (`near`)."""

    system: str
    code: str
    match: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One indicator. `baseline` names the column of official counts that is its confirmed denominator."""

    code: str
    counts: Counts
    name: Text
    numerator: Text
    denominator: Text | None
    source: Text
    min_age: int | None = None
    baseline: str | None = None
    team_kind: TeamKind | None = None
    international: tuple[Counterpart, ...] = ()
    version: str = VERSION

    @property
    def is_flow(self) -> bool:
        """Say whether it counts what happened in a period, not a state at its end."""
        return self.counts is Counts.FLOW


_DECISION_411 = Text("Quyết định 411/QĐ-TTg ngày 31/3/2022", "Decision 411/QĐ-TTg of 31 March 2022")
_PLAN = Text(
    "Kế hoạch chuyển đổi số tỉnh Bình Dương năm 2025", "Bình Dương's digital transformation plan for 2025"
)
_TEAMS = Text("Báo cáo hoạt động Tổ công nghệ số cộng đồng", "Activity reports of the community teams")
_KNOWN_HOMES = Text("Số hộ có câu trả lời rõ", "Homes with a known answer")

_ALL = (
    Definition(
        "fibre_subscribed",
        Counts.HOUSEHOLDS,
        Text("Hộ gia đình có kết nối cáp quang", "Households connected to fibre"),
        Text("Số hộ đang dùng cáp quang", "Homes with a fibre subscription"),
        _KNOWN_HOMES,
        _PLAN,
        baseline="households",
        international=(Counterpart("ITU", "HH11", "near"),),
    ),
    Definition(
        "fibre_covered",
        Counts.HOUSEHOLDS,
        Text("Hộ gia đình được phủ cáp quang", "Households covered by fibre"),
        Text("Số hộ đang dùng hoặc có thể dùng cáp quang", "Homes that have fibre or could have it"),
        _KNOWN_HOMES,
        _DECISION_411,
        baseline="households",
    ),
    Definition(
        "smart_device",
        Counts.HOUSEHOLDS,
        Text("Hộ gia đình có thiết bị thông minh", "Households with a smart device"),
        Text(
            "Số hộ có người dùng điện thoại thông minh hoặc có thiết bị thông minh khác",
            "Homes where somebody has a smartphone, or with another smart device",
        ),
        Text("Số hộ biết rõ là có hoặc không", "Homes known to have one or none"),
        _PLAN,
        baseline="households",
        international=(Counterpart("ITU", "HH4", "near"),),
    ),
    Definition(
        "smartphone",
        Counts.PEOPLE,
        Text("Người có điện thoại thông minh", "People with a smartphone"),
        Text("Số người có điện thoại thông minh riêng", "People with a smartphone of their own"),
        Text("Số người có câu trả lời rõ", "People with a known answer"),
        _DECISION_411,
        baseline="population",
        international=(Counterpart("SDG", "5.b.1", "near"), Counterpart("ITU", "HH18", "near")),
    ),
    Definition(
        "smartphone_adult",
        Counts.PEOPLE,
        Text("Người trưởng thành có điện thoại thông minh", "Adults with a smartphone"),
        Text(
            "Số người từ 18 tuổi có điện thoại thông minh riêng",
            "People of 18 or more with a smartphone of their own",
        ),
        Text("Số người từ 18 tuổi có câu trả lời rõ", "People of 18 or more with a known answer"),
        _DECISION_411,
        min_age=18,
        baseline="adults",
        international=(Counterpart("SDG", "5.b.1", "near"), Counterpart("ITU", "HH18", "near")),
    ),
    Definition(
        "account",
        Counts.PEOPLE,
        Text("Người từ 15 tuổi có tài khoản thanh toán", "People of 15 or more with an account"),
        Text(
            "Số người từ 15 tuổi có tài khoản tại ngân hàng hoặc tổ chức được phép khác",
            "People of 15 or more with an account at a bank or another permitted organisation",
        ),
        Text("Số người từ 15 tuổi trả lời có hoặc không", "People of 15 or more who said yes or no"),
        _DECISION_411,
        min_age=15,
        baseline="population_15_plus",
        international=(Counterpart("SDG", "8.10.2", "near"),),
    ),
    Definition(
        "skills_basic",
        Counts.PEOPLE,
        Text("Người từ 15 tuổi có kỹ năng số cơ bản", "People of 15 or more with basic digital skills"),
        Text(
            "Số người từ 15 tuổi có kỹ năng cơ bản theo quy tắc được chọn",
            "People of 15 or more with basic skills under the chosen rule",
        ),
        Text("Số người từ 15 tuổi đã được hỏi", "People of 15 or more who were asked"),
        Text(
            "ITU và Eurostat (năm nhóm); chỉ tiêu thống kê 0503; nội dung của Bộ năm 2022",
            "ITU and Eurostat (five areas); statistical indicator 0503; the ministry's contents of 2022",
        ),
        min_age=15,
        baseline="population_15_plus",
        international=(Counterpart("SDG", "4.4.1", "near"), Counterpart("ITU", "HH15", "near")),
    ),
    Definition(
        "teams_commune",
        Counts.UNITS,
        Text("Xã, phường có Tổ công nghệ số cộng đồng", "Communes with a team"),
        Text("Số xã, phường có tổ cấp xã đang hoạt động", "Communes with an active team of commune kind"),
        Text("Số xã, phường trong phạm vi", "Communes in scope"),
        _TEAMS,
        team_kind=TeamKind.COMMUNE,
    ),
    Definition(
        "teams_hamlet",
        Counts.UNITS,
        Text("Khu phố, ấp có Tổ công nghệ số cộng đồng", "Hamlets with a team"),
        Text("Số khu phố, ấp có tổ đang hoạt động", "Hamlets with an active team of hamlet kind"),
        Text("Số khu phố, ấp trong phạm vi", "Hamlets in scope"),
        _TEAMS,
        team_kind=TeamKind.HAMLET,
    ),
    Definition(
        "households_reached",
        Counts.FLOW,
        Text("Số hộ đã gặp trong kỳ", "Homes reached in the period"),
        Text("Số hộ khác nhau có lượt thăm gặp được trong kỳ", "Distinct homes interviewed in the period"),
        None,
        _TEAMS,
    ),
    Definition(
        "visits",
        Counts.FLOW,
        Text("Số lượt thăm trong kỳ", "Visits in the period"),
        Text("Số lượt thăm được tính, mọi kết quả", "Counting visits of any outcome"),
        None,
        _TEAMS,
    ),
    Definition(
        "people_helped",
        Counts.FLOW,
        Text("Số lượt người được hướng dẫn trong kỳ", "People helped in the period"),
        Text(
            "Tổng số người của từng nội dung trong các lượt thăm được tính",
            "People over the topics of counting visits; a person helped with two topics counts twice",
        ),
        None,
        _TEAMS,
    ),
)

DEFINITIONS: dict[str, Definition] = {definition.code: definition for definition in _ALL}

AGE_UNKNOWN = "unknown"
AGE_BANDS: tuple[tuple[str, int], ...] = (
    ("0-14", 0),
    ("15-17", 15),
    ("18-24", 18),
    ("25-34", 25),
    ("35-44", 35),
    ("45-54", 45),
    ("55-64", 55),
    ("65+", 65),
)
"""Name and first year of each age band, ascending. Every `min_age` is the first year of a band."""


def age(middle: int, cut_off: date) -> int:
    """Return the age at the cut-off of someone who counts by birth year `middle` (`observations.middle`)."""
    return cut_off.year - middle


def age_band(years: int | None) -> str:
    """Return the band of an age; None is `unknown`."""
    if years is None:
        return AGE_UNKNOWN
    return next(name for name, first in reversed(AGE_BANDS) if years >= first or first == 0)


def bands_from(min_age: int | None) -> frozenset[str]:
    """Return the bands at or above `min_age`; `unknown` only where there is no minimum."""
    if min_age is None:
        return frozenset(name for name, _ in AGE_BANDS) | {AGE_UNKNOWN}
    return frozenset(name for name, first in AGE_BANDS if first >= min_age)


WORKING_FROM = 15


def retirement_months(sex: Sex, year: int) -> int:
    """Return the retirement age in months for a `year` (decree 135/2020/NĐ-CP, article 4).

    Men 60 years 3 months in 2021 and three months more each year up to 62 in 2028; women 55 years 4 months
    and four months more each year up to 60 in 2035. Before 2021: 60 and 55 years. Unknown sex is a
    ValueError.
    """
    if sex is Sex.UNKNOWN:
        raise ValueError("the retirement age of an unknown sex")
    start, step, top = (720, 3, 744) if sex is Sex.MALE else (660, 4, 720)
    return min(top, start + step * max(0, year - 2020))


def last_working_age(sex: Sex, year: int) -> int:
    """Return the highest age, in whole years, that is still below the retirement age of that `year`."""
    return (retirement_months(sex, year) - 1) // 12


def is_working_age(years: int | None, sex: Sex, year: int) -> bool | None:
    """Say whether someone is of working age; None where the birth year is unknown or the sex would decide."""
    if years is None:
        return None
    if sex is Sex.UNKNOWN:
        verdicts = {is_working_age(years, known, year) for known in (Sex.FEMALE, Sex.MALE)}
        return verdicts.pop() if len(verdicts) == 1 else None
    return WORKING_FROM <= years <= last_working_age(sex, year)


def smart_device(phones: Iterable[Phone], other: bool | None) -> bool | None:
    """Say whether a home has a smart device; None where that is not known."""
    seen = set(phones)
    if Phone.SMARTPHONE in seen or other:
        return True
    return False if other is False and Phone.UNKNOWN not in seen else None


def percentage(numerator: int, denominator: int | None) -> float | None:
    """Return 100 × numerator ÷ denominator, two decimals, half up; None without a denominator or at 0."""
    if not denominator:
        return None
    return (2 * 10_000 * numerator + denominator) // (2 * denominator) / 100
