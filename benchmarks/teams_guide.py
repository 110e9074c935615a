"""The guide's way to take groups over, as it was written but without its crashes: one request per group, one query per member."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from db.models import ProviderLink, Team, TeamMembership
from domain.enums import Source
from domain.names import fold


async def pull(client: httpx.AsyncClient, provider: int) -> int:
    """One pull of every course; how many requests it took."""
    requests = 0

    async def listed(url: str) -> list[dict[str, str]]:
        nonlocal requests
        rows: list[dict[str, str]] = []
        while url:
            answer = await client.get(url)
            requests += 1
            rows += answer.json()
            url = answer.links.get("next", {}).get("url", "")
        return rows

    for course in await listed("/api/v1/accounts/1/courses?per_page=100"):
        for group_set in await listed(f"/api/v1/courses/{course['id']}/group_categories?per_page=100"):
            for group in await listed(f"/api/v1/group_categories/{group_set['id']}/groups?per_page=100"):
                team = await _team(provider, str(course["id"]), group_set, group)
                for member in await listed(f"/api/v1/groups/{group['id']}/users?per_page=100"):
                    await _member(team, provider, str(member["id"]))
    return requests


async def _team(provider: int, course: str, group_set: dict[str, str], group: dict[str, str]) -> Team:
    name = (group["name"] or "")[:100]
    team, _ = await Team.update_or_create(
        provider_id=provider,
        canvas_group_id=str(group["id"]),
        defaults={
            "name": name,
            "sort_key": fold(name),
            "source": Source.CANVAS,
            "course_id": course,
            "class_key": f"CanvasClass:{provider}:{course}",
            "set_key": str(group_set["id"]),
            "last_synced_at": datetime.now(UTC),
        },
    )
    return team


async def _member(team: Team, provider: int, account: str) -> None:
    link = await ProviderLink.get_or_none(provider_id=provider, external_user_id=account, unlinked_at=None)
    if link is None:
        return
    live = await TeamMembership.get_or_none(
        user_id=link.user_id, class_key=team.class_key, set_key=team.set_key, until=None
    )
    if live is not None and live.team_id == team.id:
        return
    if live is not None:
        live.until = datetime.now(UTC)
        await live.save()
    await TeamMembership.create(
        team_id=team.id,
        user_id=link.user_id,
        class_key=team.class_key,
        set_key=team.set_key,
        source=Source.CANVAS,
        since=datetime.now(UTC),
    )
