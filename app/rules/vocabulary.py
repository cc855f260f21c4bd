"""The words of the domain as enumerations, with the very strings that travel on the wire."""

from enum import StrEnum


class UnitKind(StrEnum):
    """Levels of administrative units, from the top; districts exist until 30 June 2025."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    HAMLET = "hamlet"


class SuccessionPart(StrEnum):
    """Whether a unit passed as a whole into its successor, or only in part."""

    WHOLE = "whole"
    PART = "part"


class ActKind(StrEnum):
    """What may happen to units on a day (`rules/units/acts.py`); `load` is a file of the register taken in."""

    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"
    MOVE = "move"
    ABOLISH = "abolish"
    FOUND = "found"
    LOAD = "load"


class TeamKind(StrEnum):
    """What a team was founded for; only hamlet and commune teams have an area of their own."""

    HAMLET = "hamlet"
    COMMUNE = "commune"
    SCHOOL = "school"
    ENTERPRISE = "enterprise"


class Role(StrEnum):
    """Who a user is; see `rules/permissions.py` for what each may do."""

    VOLUNTEER = "volunteer"
    LEADER = "leader"
    OFFICIAL = "official"
    PROVINCE = "province"
    ADMIN = "admin"


class ConsentAnswer(StrEnum):
    """The answer to the consent text read aloud; only `yes` lets personal fields be stored."""

    YES = "yes"
    NO = "no"
    LATER = "later"


class Sex(StrEnum):
    """Sex of a household member as told; `unknown` where it was not."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a visit ended. Only `interviewed` carries observations."""

    INTERVIEWED = "interviewed"
    ABSENT = "absent"
    REFUSED = "refused"
    MOVED = "moved"


class Fibre(StrEnum):
    """Fibre internet of a home: connected, could be connected, neither, not known."""

    SUBSCRIBED = "subscribed"
    AVAILABLE = "available"
    NONE = "none"
    UNKNOWN = "unknown"


class Phone(StrEnum):
    """The phone a member has of their own."""

    SMARTPHONE = "smartphone"
    BASIC = "basic"
    NONE = "none"
    UNKNOWN = "unknown"


class Account(StrEnum):
    """Whether a member has an account at a bank or another permitted organisation."""

    YES = "yes"
    NO = "no"
    DECLINED = "declined"
    UNKNOWN = "unknown"


class Activity(StrEnum):
    """Digital-skill activities of the last three months, in the order of their bits (`rules/skills.py`)."""

    FIND_INFORMATION = "find_information"
    CHECK_TRUTH = "check_truth"
    MESSAGE_CALL = "message_call"
    PUBLIC_SERVICES = "public_services"
    PHOTO_VIDEO = "photo_video"
    DOCUMENT_FORM = "document_form"
    PASSWORDS_PRIVACY = "passwords_privacy"
    RECOGNISE_SCAMS = "recognise_scams"
    INSTALL_APPS = "install_apps"
    SHOP_ONLINE = "shop_online"
    PAY_ONLINE = "pay_online"
    LEARN_ONLINE = "learn_online"


class Topic(StrEnum):
    """What was taught or done on a visit."""

    PUBLIC_SERVICES = "public_services"
    VNEID = "vneid"
    BANK_ACCOUNT = "bank_account"
    SHOP_ONLINE = "shop_online"
    PAY_ONLINE = "pay_online"
    ONLINE_SAFETY = "online_safety"
    INSTALL_APPS = "install_apps"
    FIBRE_SIGNUP = "fibre_signup"
    LOCAL_APPS = "local_apps"
    OTHER = "other"


class VisitStatus(StrEnum):
    """What an official has said of a visit; a returned one does not count."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


class FigureStatus(StrEnum):
    """How firm a figure is."""

    PROVISIONAL = "provisional"
    APPROVED = "approved"
    PUBLISHED = "published"


class RestatementReason(StrEnum):
    """What may have changed a figure after it was published."""

    LATE_VISIT = "late_visit"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    RETURN = "return"
    MOVED_HOME = "moved_home"
    MERGED_DUPLICATE = "merged_duplicate"
    BORDER_ACT = "border_act"
    DEFINITION = "definition"
    BASELINE = "baseline"
    TEAM = "team"


class OperationType(StrEnum):
    """What a phone may ask of the server (sync)."""

    HOUSEHOLD_REGISTER = "household.register"
    HOUSEHOLD_AMEND = "household.amend"
    VISIT_RECORD = "visit.record"
    VISIT_WITHDRAW = "visit.withdraw"
    OP_VOID = "op.void"


class OperationOutcome(StrEnum):
    """What became of an operation. `duplicate` is only ever answered, never stored."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    INVALID = "invalid"
    OUT_OF_SCOPE = "out_of_scope"
    DEFERRED = "deferred"


class Settlement(StrEnum):
    """How an operation left quarantine: taken in or set aside by an official, or mended by its author."""

    TAKEN_IN = "taken_in"
    SET_ASIDE = "set_aside"
    MENDED = "mended"


class Basis(StrEnum):
    """Denominator of a figure: what visits saw, or the official baseline (a cautious lower bound)."""

    OBSERVED = "observed"
    CONFIRMED = "confirmed"


class Calendar(StrEnum):
    """Civil months, or the reporting months of decree 09/2019/NĐ-CP (15th to 14th)."""

    CIVIL = "civil"
    REPORT = "report"


class SkillRule(StrEnum):
    """Versions of "basic digital skills"; see `rules/skills.py`."""

    FIVE_AREAS = "five_areas"
    ANY_ONE = "any_one"
    NATIONAL_CONTENTS = "national_contents"
