"""Checks whether the address of a live post, as a person gives it, is one of the account's posts."""

import re
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from shutterpost.channels import ChannelRow, Failure
from shutterpost.flows.flow import flow
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.records.sync_reports import AddressReport
from shutterpost.flows.syncing.actions import CONTRADICTED
from shutterpost.scheduling import Posts, Schedule, Schedules

# The post was made at the last attempt; an earlier one of the same photo is another post.
_BEFORE_ATTEMPT = timedelta(hours=1)
_STORIES = "/stories/"


@flow
class AddressCheck:
    """Compares an address with the posts that the platform lists."""

    posts: Posts
    schedules: Schedules
    access: ChannelAccess

    def check(self, schedule_id: str, url: str) -> AddressReport:
        """Look for `url` among the account's posts since the schedule's last attempt. Raises `ScheduleNotFound`.

        Instagram lists every post of an account. Buffer lists what it has sent, so that an address that it does not
        list may still be the account's.
        """
        schedule = self.schedules.get(schedule_id)
        account = self.access.account(schedule)
        if isinstance(account, Failure):
            return AddressReport(schedule_id=schedule_id, is_ours=None, detail=account.message)
        since = (schedule.last_attempt_at or schedule.run_at) - _BEFORE_ATTEMPT
        listed = self.access.adapter(schedule).live_addresses(account, since)
        name = self.access.row(schedule).name
        if isinstance(listed, Failure):
            return AddressReport(schedule_id=schedule_id, is_ours=None, detail=listed.message)
        rows = self.access.catalogue.rows
        if post_of(url, rows) in {post_of(address, rows) for address in listed}:
            return AddressReport(schedule_id=schedule_id, is_ours=True, detail=f"{name} lists the post on the account.")
        if _STORIES in urlsplit(url).path and self._is_story(schedule):
            return AddressReport(schedule_id=schedule_id, is_ours=None, detail=f"{name} lists posts without stories.")
        # A contradicted verdict may be corrected after the post was deleted by hand.
        if self.access.submits_visibly(schedule) or schedule.error_code == CONTRADICTED:
            return AddressReport(
                schedule_id=schedule_id, is_ours=None, detail=f"{name} does not list a post with this address."
            )
        detail = f"{name} lists no post of the account with this address since {since:%Y-%m-%d %H:%M} UTC."
        return AddressReport(schedule_id=schedule_id, is_ours=False, detail=detail)

    def _is_story(self, schedule: Schedule) -> bool:
        extras = self.posts.details(schedule.post_id).post.extras
        return extras is not None and extras.story


def post_of(url: str, rows: Iterable[ChannelRow]) -> str:
    """What two addresses of one post have in common: what a channel's row names so, else host and path."""
    for row in rows:
        match = re.fullmatch(row.post_address, url) if row.post_address else None
        if match:
            return match["post"]
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/")
