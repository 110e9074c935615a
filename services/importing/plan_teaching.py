"""Planning the programs and classes of an import."""

from __future__ import annotations

from typing import Any

from db.models import Program, SchoolClass
from domain.enums import ClassStatus, Role
from domain.names import fold
from domain.problems import Problem
from services.access import require_role
from services.class_changes import first_status
from services.importing.gathering import ClassKey, Wanted
from services.importing.plan import Asking, Diff

Programs = Diff[str, Program]
Classes = Diff[ClassKey, SchoolClass]


def plan_programs(asking: Asking) -> Programs:
    """New programs and changes of old ones: department admins only. Others may name those they see."""
    plan = Programs()
    for key, wanted in asking.found.programs.items():
        row = asking.state.programs.get(key)
        values = {name: value for name, value in wanted.values.items() if name != "name"}
        if row is not None and row.id in asking.state.visible:
            plan.compare(key, row, values)
        else:
            plan.new[key] = {"is_active": True, **values, "name": wanted.values["name"], "sort_key": key}
        if key in plan.new or key in plan.changed:
            try:
                require_role(asking.op.scope, Role.DEPARTMENT_ADMIN, "create or change programs")
            except Problem as problem:
                asking.refuse_problem(wanted, "program", problem)
    return plan


def plan_classes(asking: Asking, programs: Programs) -> Classes:
    """New classes and changes of old ones, at facilities in scope."""
    plan = Classes()
    for key, wanted in asking.found.classes.items():
        rows = asking.state.classes.get(key, [])
        values = {name: value for name, value in wanted.values.items() if name not in ("name", "facility_id")}
        if len(rows) > 1:
            asking.refuse(wanted, "class", "There are several classes of that name there: change them one by one.")
        elif rows:
            _require_order(asking, wanted, {"start_date": rows[0].start_date, "end_date": rows[0].end_date, **values})
            plan.compare(key, rows[0], values)
        else:
            _require_order(asking, wanted, values)
            _require_offer(asking, wanted, key, programs)
            plan.new[key] = _new(asking, key, wanted, values)
    return plan


def status_of(asking: Asking, plan: Classes, key: ClassKey) -> ClassStatus:
    """The status that a class will have."""
    if key in plan.new:
        status: ClassStatus = plan.new[key]["status"]
        return status
    row = asking.state.classes[key][0]
    changed = plan.changed.get(key)
    return changed.values.get("status", row.status) if changed else row.status


def capacity_of(asking: Asking, key: ClassKey) -> int | None:
    """How many a class will take."""
    wanted = asking.found.classes[key].values
    rows = asking.state.classes.get(key)
    capacity: int | None = wanted.get("capacity", rows[0].capacity if rows else None)
    return capacity


def _new(asking: Asking, key: ClassKey, wanted: Wanted, values: dict[str, Any]) -> dict[str, Any]:
    zone = asking.state.zones[key.facility_id]
    status = first_status(values.get("start_date"), zone, asking.op.now())
    name = wanted.values["name"]
    return {"status": status, **values, "name": name, "sort_key": fold(name), "facility_id": key.facility_id}


def _require_offer(asking: Asking, wanted: Wanted, key: ClassKey, programs: Programs) -> None:
    if asking.op.scope.everywhere or key.program in programs.new:
        return
    if (asking.state.programs[key.program].id, key.facility_id) not in asking.state.offers:
        asking.refuse(wanted, "program", "This program is not offered at your facility.")


def _require_order(asking: Asking, wanted: Wanted, values: dict[str, Any]) -> None:
    start, end = values.get("start_date"), values.get("end_date")
    if start is not None and end is not None and end < start:
        asking.refuse(wanted, "end_date", "The last day is before the first.", "end_date")
