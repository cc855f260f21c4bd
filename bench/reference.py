"""The two references that bench/sync measures against: a bare endpoint and a hello-world.

The bare endpoint takes the same JSON of visits, asks nobody who they are, checks nothing, and writes one visit
row and its member rows by SQLAlchemy Core executemany into tables of its own, on the same database settings.
"""

import os
from datetime import date, datetime
from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy import Column, Date, DateTime, Integer, MetaData, String, Table, create_engine

import app.core.database  # noqa: F401 (its listeners set up SQLite as the app does)

metadata = MetaData()
visits = Table(
    "bare_visits",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("household_id", String(36), index=True),
    Column("team_id", String(36)),
    Column("visited_on", Date),
    Column("recorded_at", DateTime),
    Column("outcome", String(20)),
    Column("fibre", String(20)),
    Column("note", String(200)),
)
members = Table(
    "bare_members",
    metadata,
    Column("visit_id", String(36), primary_key=True),
    Column("member_id", String(36), primary_key=True),
    Column("sex", String(10)),
    Column("birth_year", Integer),
    Column("phone", String(20)),
    Column("account", String(20)),
    Column("skills", String(200)),
)

engine = create_engine(os.environ["DATABASE_URL"])
metadata.create_all(engine)
engine.dispose()  # gunicorn forks after this
server = Flask(__name__)


@server.get("/hello")
def hello() -> str:
    """Say hello."""
    return "hello"


@server.post("/bare")
def bare() -> Response:
    """Write the visits of a push, unasked and unchecked."""
    operations: list[dict[str, Any]] = request.get_json()["operations"]
    visit_rows, member_rows = [], []
    for operation in operations:
        data = operation["data"]
        visit_rows.append(
            {
                "id": data["id"],
                "household_id": data["household_id"],
                "team_id": data["team_id"],
                "visited_on": date.fromisoformat(data["visited_on"]),
                "recorded_at": datetime.fromisoformat(operation["recorded_at"]).replace(tzinfo=None),
                "outcome": data["outcome"],
                "fibre": data["fibre"],
                "note": data["note"],
            }
        )
        member_rows += [
            {
                "visit_id": data["id"],
                "member_id": member["id"],
                "sex": member["sex"],
                "birth_year": member["birth_year"],
                "phone": member["phone"],
                "account": member["account"],
                "skills": ",".join(member["skills"]),
            }
            for member in data["members"]
        ]
    with engine.begin() as connection:
        connection.execute(visits.insert(), visit_rows)
        connection.execute(members.insert(), member_rows)
    return jsonify(stored=len(visit_rows))
