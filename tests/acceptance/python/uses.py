"""What a script of somebody's writes with the generated client: each line stops type-checking when the contract is broken."""

from datetime import date

import homeroom_client as homeroom


async def classes(client: homeroom.Client) -> list[tuple[str, date | None, int | None]]:
    data = await client.merged()
    return [(row.name, row.start_date, row.enrolled_count) for row in (data.classes.nodes if data.classes else [])]


async def outcome(client: homeroom.Client, asked: homeroom.LinkUserInput) -> str:
    done = (await client.link_user(asked)).link_user
    for error in done.errors if done else []:
        if error.typename__ == "AlreadyLinkedError":
            return error.other.user.full_name if error.other else "taken"
        return error.message
    return "linked"


asked = homeroom.LinkUserInput(user_id="a", provider_id="b", canvas_user_id="9007199254740993")


def rounded() -> homeroom.LinkUserInput:
    return homeroom.LinkUserInput(user_id="a", provider_id="b", canvas_user_id=9007199254740993)  # type: ignore[arg-type]


async def unasked(client: homeroom.Client) -> int:
    data = await client.merged()
    return len(data.classes.nodes)  # type: ignore[union-attr]
