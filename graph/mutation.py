from __future__ import annotations

import strawberry

from graph.mutations.apply_matches import apply_matches
from graph.mutations.archive_program import archive_program
from graph.mutations.assign_unassigned import assign_unassigned
from graph.mutations.cancel_class_event import cancel_class_event
from graph.mutations.cancel_sync_run import cancel_sync_run
from graph.mutations.create_calendar_feed import create_calendar_feed
from graph.mutations.create_canvas_account import create_canvas_account
from graph.mutations.create_class import create_class
from graph.mutations.create_facility import create_facility
from graph.mutations.create_holiday import create_holiday
from graph.mutations.create_program import create_program
from graph.mutations.create_provider import create_provider
from graph.mutations.create_room import create_room
from graph.mutations.create_team import create_team
from graph.mutations.create_user import create_user
from graph.mutations.create_user_from_canvas import create_user_from_canvas
from graph.mutations.deactivate_user import deactivate_user
from graph.mutations.decide_match import decide_match
from graph.mutations.delete_class import delete_class
from graph.mutations.delete_class_event import delete_class_event
from graph.mutations.delete_holiday import delete_holiday
from graph.mutations.delete_room import delete_room
from graph.mutations.delete_team import delete_team
from graph.mutations.enroll_users import enroll_users
from graph.mutations.import_users import import_users
from graph.mutations.invite_to_group import invite_to_group
from graph.mutations.link_user import link_user
from graph.mutations.plan_group_memberships import plan_group_memberships
from graph.mutations.plan_undo import plan_undo
from graph.mutations.publish_teams import publish_teams
from graph.mutations.push_group_memberships import push_group_memberships
from graph.mutations.reactivate_user import reactivate_user
from graph.mutations.record_attendance import record_attendance
from graph.mutations.recreate_oidc_client import recreate_oidc_client
from graph.mutations.refresh_provider import refresh_provider
from graph.mutations.request_login import request_login
from graph.mutations.reschedule_class_event import reschedule_class_event
from graph.mutations.resolve_link import resolve_link
from graph.mutations.restore_class_event import restore_class_event
from graph.mutations.restore_link import restore_link
from graph.mutations.restore_program import restore_program
from graph.mutations.revoke_calendar_feed import revoke_calendar_feed
from graph.mutations.schedule_class_event import schedule_class_event
from graph.mutations.set_program_facilities import set_program_facilities
from graph.mutations.set_team_members import set_team_members
from graph.mutations.sync_teams import sync_teams
from graph.mutations.test_provider import test_provider
from graph.mutations.unlink_user import unlink_user
from graph.mutations.update_class import update_class
from graph.mutations.update_class_event import update_class_event
from graph.mutations.update_enrollment import update_enrollment
from graph.mutations.update_facility import update_facility
from graph.mutations.update_holiday import update_holiday
from graph.mutations.update_program import update_program
from graph.mutations.update_provider import update_provider
from graph.mutations.update_room import update_room
from graph.mutations.update_team import update_team
from graph.mutations.update_user import update_user


@strawberry.type(
    description="Everything that can be done. Each mutation answers a payload whose `errors` say why nothing was done: their "
    "`__typename` is the code, and `... on UserError` covers those added later."
)
class Mutation:
    create_program = create_program
    update_program = update_program
    archive_program = archive_program
    restore_program = restore_program
    set_program_facilities = set_program_facilities
    create_class = create_class
    update_class = update_class
    delete_class = delete_class
    enroll_users = enroll_users
    update_enrollment = update_enrollment
    create_facility = create_facility
    update_facility = update_facility
    create_user = create_user
    update_user = update_user
    deactivate_user = deactivate_user
    reactivate_user = reactivate_user
    import_users = import_users
    create_provider = create_provider
    update_provider = update_provider
    test_provider = test_provider
    refresh_provider = refresh_provider
    recreate_oidc_client = recreate_oidc_client
    link_user = link_user
    unlink_user = unlink_user
    restore_link = restore_link
    decide_match = decide_match
    apply_matches = apply_matches
    create_user_from_canvas = create_user_from_canvas
    create_canvas_account = create_canvas_account
    resolve_link = resolve_link
    request_login = request_login
    cancel_sync_run = cancel_sync_run
    sync_teams = sync_teams
    create_team = create_team
    update_team = update_team
    delete_team = delete_team
    set_team_members = set_team_members
    plan_group_memberships = plan_group_memberships
    push_group_memberships = push_group_memberships
    plan_undo = plan_undo
    assign_unassigned = assign_unassigned
    publish_teams = publish_teams
    invite_to_group = invite_to_group
    schedule_class_event = schedule_class_event
    update_class_event = update_class_event
    cancel_class_event = cancel_class_event
    reschedule_class_event = reschedule_class_event
    restore_class_event = restore_class_event
    delete_class_event = delete_class_event
    record_attendance = record_attendance
    create_room = create_room
    update_room = update_room
    delete_room = delete_room
    create_holiday = create_holiday
    update_holiday = update_holiday
    delete_holiday = delete_holiday
    create_calendar_feed = create_calendar_feed
    revoke_calendar_feed = revoke_calendar_feed
