"""The provisioning report: started, polled, then downloaded from storage without the token."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.ask import Ask
from sandbox.lookup import plain_id
from sandbox.refusals import Refusal, not_found
from sandbox.rest.provisioning import SETS, rows_of
from sandbox.world import World
from sandbox.world.rows import Report

NAME = "provisioning_csv"
UNDER_WAY = {"created", "running"}


def start(ask: Ask) -> dict[str, Any]:
    """Begin a report; the same one under way is a 409 that points to it."""
    ask.find.account(ask.path["account"])
    ask.caller.need("read_reports")
    if ask.path["report"] != NAME:
        raise not_found()
    given = {key: str(value) for key, value in ask.params.under("parameters").values.items()}
    world = ask.world
    for row in world.reports.values():
        if row.parameters == given and row.state in UNDER_WAY:
            raise Refusal(409, _json(ask, row), {"location": f"{ask.base}/api/v1/accounts/1/reports/{NAME}/{row.id}"})
    row = Report(id=world.fresh_id("report"), parameters=given, created_at=world.now())
    world.reports[row.id] = row
    if ask.behaviour.progress_polls == 0:
        _finish(world, row)
    return _json(ask, row)


def show(ask: Ask) -> dict[str, Any]:
    """Look at a report, which moves it on."""
    ask.caller.need("read_reports")
    row = ask.world.reports.get(plain_id(ask.path["id"]) or 0)
    if row is None or ask.path["report"] != NAME:
        raise not_found()
    if row.state in UNDER_WAY:
        row.polls += 1
        row.state = "running"
        if row.polls >= ask.behaviour.progress_polls:
            _finish(ask.world, row)
    return _json(ask, row)


async def download(request: Request) -> Response:
    """The finished file, for whoever has its address."""
    world: World = request.app.state.world
    row = world.reports.get(int(request.path_params["report"]))
    if row is None or request.query_params.get("verifier") != _verifier(row):
        return Response("not found", 404)
    return Response(row.file, media_type=row.content_type)


def _verifier(row: Report) -> str:
    return f"v{row.id:x}"


def _json(ask: Ask, row: Report) -> dict[str, Any]:
    done = row.state == "complete"
    url = f"{ask.base}/files/{row.id}/download?download_frd=1&verifier={_verifier(row)}"
    body = {
        "id": row.id,
        "report": NAME,
        "status": row.state,
        "progress": 100 if done else min(99, 40 * row.polls),
        "parameters": row.parameters,
        "message": None,
        "created_at": row.created_at,
        "started_at": row.created_at if row.polls or done else None,
        "ended_at": row.created_at if done else None,
        "file_url": url if done else None,
    }
    if done:
        attachment = {"id": row.id, "filename": row.filename, "content-type": row.content_type}
        body["attachment"] = {**attachment, "size": len(row.file), "url": url}
    return body


def _finish(world: World, row: Report) -> None:
    """One data set is a CSV, several are a ZIP of them."""
    names = [name for name in SETS if row.parameters.get(name, "").lower() in {"true", "1"}]
    files = {f"{name}.csv": _csv(rows_of(world, name, row.parameters)) for name in names}
    row.state, row.filename = "complete", f"{NAME}_{row.id}.zip"
    if len(files) == 1:
        row.filename, row.file, row.content_type = next(iter(files)), next(iter(files.values())), "text/csv"
        return
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    row.file, row.content_type = out.getvalue(), "application/zip"


def _csv(rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
