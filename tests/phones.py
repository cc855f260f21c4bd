"""A pretend phone: makes operations as the wire wants them (api.md) and pushes them over HTTP."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.core.clock import rfc3339
from app.core.ids import new_id
from app.models.teams import Team
from app.models.units import Unit
from app.models.users import User
from tests.conftest import Client

Body = dict[str, Any]
PERSONAL: Body = {"address": "12 ngõ Thử", "head_name": "Trần Thử Nghiệm", "phone": "0900000001"}


class Phone:
    """One volunteer's phone, signed in. `device_seq` runs on as on a real one."""

    def __init__(self, signed_in: Callable[..., Client], user: User, team: Team) -> None:
        self.device_id = str(uuid.uuid4())
        self.client: Client = signed_in(user, self.device_id)
        self.team_id = team.id
        self.seq = 0

    def push(self, *operations: Body, **envelope: Any) -> Any:
        """Push and return the answer whole."""
        body = {
            "schema": 1,
            "device_id": self.device_id,
            "epoch": None,
            "sent_at": rfc3339(datetime.now(UTC)),
            "operations": list(operations),
        }
        return self.client.post("/api/v1/sync/push", json=body | envelope)

    def results(self, *operations: Body) -> list[Body]:
        """Push and return one result per operation."""
        answer = self.push(*operations)
        assert answer.status_code == 200, answer.text
        found: list[Body] = answer.get_json()["results"]
        assert [each["op_id"] for each in found] == [each.get("op_id") for each in operations]
        return found

    def outcomes(self, *operations: Body) -> list[tuple[str, str | None]]:
        """Push and return (outcome, code) of each operation."""
        return [(each["outcome"], each["code"]) for each in self.results(*operations)]

    def store(self, *operations: Body) -> None:
        """Push and expect all to be taken in."""
        assert self.outcomes(*operations) == [("stored", None)] * len(operations)

    def pull(self, cursor: str | None = None, **query: Any) -> Body:
        """Pull one page."""
        query |= {"cursor": cursor} if cursor else {}
        answer = self.client.get("/api/v1/sync/pull", query_string=query)
        assert answer.status_code == 200, answer.text
        found: Body = answer.get_json()
        return found

    def operation(self, kind: str, data: Body, recorded_at: str = "2025-06-12T02:00:00Z") -> Body:
        """Make an operation."""
        self.seq += 1
        return {
            "op_id": new_id(),
            "device_seq": self.seq,
            "type": kind,
            "recorded_at": recorded_at,
            "data": data,
        }

    def register(
        self, unit: Unit, *, answer: str = "yes", recorded_at: str | None = None, **data: Any
    ) -> Body:
        """Make a `household.register`."""
        recorded_at = recorded_at or "2025-06-12T02:00:00Z"
        consent = {"answer": answer, "text_version": "2026-01", "at": recorded_at}
        whole = {"id": new_id(), "team_id": self.team_id, "unit_id": unit.id, "consent": consent}
        return self.operation("household.register", whole | data, recorded_at)

    def visit(self, home: Body | str, *, recorded_at: str | None = None, **data: Any) -> Body:
        """Make a `visit.record` of a home, given its registration or its id; by default an interview."""
        household_id = home if isinstance(home, str) else home["data"]["id"]
        day = data.setdefault("visited_on", "2025-06-12")
        whole = {
            "id": new_id(),
            "household_id": household_id,
            "team_id": self.team_id,
            "outcome": "interviewed",
        }
        return self.operation("visit.record", whole | data, recorded_at or f"{day}T03:00:00Z")

    def correct(self, visit: Body, *, recorded_at: str = "2025-06-13T03:00:00Z", **data: Any) -> Body:
        """Make a `visit.record` that corrects another: its data but for what is given."""
        return self.operation(
            "visit.record",
            visit["data"] | {"id": new_id(), "corrects": visit["data"]["id"]} | data,
            recorded_at,
        )

    def withdraw(self, visit: Body, reason: str = "nhầm nhà") -> Body:
        """Make a `visit.withdraw`."""
        return self.operation("visit.withdraw", {"id": visit["data"]["id"], "reason": reason})


def member(member_id: str, **seen: Any) -> Body:
    """Make a member of a visit."""
    return {"id": member_id, "sex": "female", "birth_year": 1980} | seen
