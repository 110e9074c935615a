"""Reading a provider anew because somebody asked."""

from __future__ import annotations

from domain.enums import Role
from domain.problems import InvalidInput, NotFound
from domain.refs import ProviderRef
from loaders.kinds import ACCOUNT, COURSES
from services import audit
from services.access import require_role
from services.operation import Operation
from services.providers import providers_by_number
from services.writing import writing


async def refresh_provider(op: Operation, ref: ProviderRef) -> None:
    """Expire everything known of a Canvas and begin to read it again; wait for its courses as a cold answer does.

    Errors: NotAllowed below department admin; NotFound; InvalidInput for one that is switched off.
    """
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "refresh providers")
    if (await providers_by_number(op.loaders, [ref.id]))[0] is None:
        raise NotFound("There is no such provider.", ["id"])
    if ref.id not in await op.loaders.providers():
        raise InvalidInput("This provider is switched off.", ["id"])
    async with writing(op):
        await audit.record(op, "refreshProvider", ref, None)
    await op.engine.facts.expire(ref.id)
    await op.engine.facts.refresh_soon(COURSES, ref.id, [ACCOUNT])
