"""Make units.csv and successions.csv, in the form that `units import` takes, from the four source tables.

Run `python data/make_register.py`; a test checks that the two files are what it makes.
"""

import csv
import sys
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent
FIRST, REFORM = "2022-01-01", "2025-07-01"
LAST = "2025-06-30"
RENAMED = {
    # district: its new name's first day; communes renamed with it
    "721": "2024-05-01",  # resolution 1012/NQ-UBTVQH15: Bến Cát a city, An Điền and An Tây wards
    "723": "2023-04-10",  # resolution 725/NQ-UBTVQH15: Tân Uyên a city
}


def main(into: Path) -> None:
    """Write the two files into a folder."""
    _write(into / "units.csv", ("code", "kind", "name", "parent_code", "valid_from", "valid_to"), _units())
    pairs = [
        (row["old_commune_code"], row["new_commune_code"], REFORM, row["part"])
        for row in _read("old_to_new_2025")
    ]
    _write(into / "successions.csv", ("old_code", "new_code", "on", "part"), pairs)


def _units() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("74", "province", "Tỉnh Bình Dương", "", FIRST, LAST),
        ("79", "province", "Thành phố Hồ Chí Minh", "", FIRST, ""),
    ]
    for row in _read("old_district"):
        names = (row["district_name_2022"], row["district_name_2025_01"])
        rows += _spans(row["district_code"], "district", names, "74", row["district_code"])
    for row in _read("old_commune"):
        names = (row["commune_name_2022"], row["commune_name_2025_06"])
        rows += _spans(row["commune_code"], "commune", names, row["district_code"], row["district_code"])
    rows += [
        (f"{row['commune_code']}@{REFORM}", "commune", row["commune_name"], row["province_code"], REFORM, "")
        for row in _read("new_commune_2025")
    ]
    return rows


def _spans(code: str, kind: str, names: tuple[str, str], parent: str, district: str) -> list[tuple[str, ...]]:
    if names[0] == names[1]:
        return [(code, kind, names[0], parent, FIRST, LAST)]
    changed = RENAMED[district]
    eve = (date.fromisoformat(changed) - timedelta(days=1)).isoformat()
    return [(code, kind, names[0], parent, FIRST, eve), (code, kind, names[1], parent, changed, LAST)]


def _read(name: str) -> list[dict[str, str]]:
    with (HERE / f"binhduong_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
