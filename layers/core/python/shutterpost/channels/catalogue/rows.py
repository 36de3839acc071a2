"""The rows of the channel catalogue; figures from the public pages of each platform."""

from shutterpost.channels.catalogue.channel_row import ChannelRow, ChannelStatus, Quota
from shutterpost.channels.catalogue.grades import Grade
from shutterpost.channels.catalogue.limits import ImageRules, Limits, TextUnit
from shutterpost.channels.catalogue.retries import RetryPolicy
from shutterpost.channels.catalogue.token_life import TokenPolicy

VERSION = "2026-11-21"

_MIB = 1024 * 1024
_INSTAGRAM_LIMITS = Limits(
    max_text_length=2_200,
    max_hashtags=30,
    max_mentions=20,
    max_alt_text=1_000,
    min_pictures=1,
    max_pictures=10,
    supports_links=False,
    image=ImageRules(
        formats=("JPEG",), max_bytes=8 * _MIB, min_width=320, max_width=1_440, min_ratio=0.8, max_ratio=1.91
    ),
)
_META_LIFE = 60

ROWS: tuple[ChannelRow, ...] = (
    ChannelRow(
        key="instagram",
        name="Instagram",
        status=ChannelStatus.ACTIVE,
        grade=Grade.C,
        limits=_INSTAGRAM_LIMITS,
        ambiguous_from="publishing",
        spacing=60,
        quota=Quota(posts=50),
        logins=("facebook", "instagram"),
        post_address=r"https://(?:www\.)?instagram\.com/(?:[\w.]+/)?(?:p|reel|tv)/(?P<post>[\w-]+)/?(?:\?\S*)?",
        token=TokenPolicy(life_days=_META_LIFE),
        tokens_by_login={"instagram": TokenPolicy(life_days=_META_LIFE, refresh_after_days=50)},
    ),
    ChannelRow(
        key="buffer",
        name="Buffer",
        status=ChannelStatus.ACTIVE,
        grade=Grade.C,
        limits=_INSTAGRAM_LIMITS,
        lead=0,
        hands_over=True,
        ambiguous_from="submitting",
        retry=RetryPolicy(base=30, cap=3_600),
        spacing=0,
        quota=Quota(posts=50),
        needs_organization=True,
    ),
    ChannelRow(
        key="bluesky",
        name="Bluesky",
        status=ChannelStatus.DISABLED,
        grade=Grade.A,
        limits=Limits(
            max_text_length=300,
            text_unit=TextUnit.GRAPHEMES,
            max_pictures=4,
            image=ImageRules(formats=("JPEG", "PNG"), max_bytes=1_000_000),
        ),
        ambiguous_from="publishing",
    ),
    ChannelRow(
        key="mastodon",
        name="Mastodon",
        status=ChannelStatus.DISABLED,
        grade=Grade.B,
        limits=Limits(
            max_text_length=500,
            max_alt_text=1_500,
            max_pictures=4,
            image=ImageRules(formats=("JPEG", "PNG"), max_bytes=16 * _MIB),
        ),
        ambiguous_from="publishing",
    ),
    ChannelRow(
        key="x",
        name="X",
        status=ChannelStatus.DISABLED,
        grade=Grade.C,
        limits=Limits(
            max_text_length=280,
            text_unit=TextUnit.WEIGHTED,
            max_alt_text=1_000,
            max_pictures=4,
            image=ImageRules(formats=("JPEG", "PNG"), max_bytes=5 * _MIB),
        ),
        ambiguous_from="publishing",
    ),
    ChannelRow(
        key="linkedin",
        name="LinkedIn",
        status=ChannelStatus.DISABLED,
        grade=Grade.E,
        limits=Limits(
            max_text_length=3_000,
            max_alt_text=4_086,
            max_pictures=20,
            image=ImageRules(formats=("JPEG", "PNG"), max_bytes=8 * _MIB),
        ),
        ambiguous_from="publishing",
        quota=Quota(posts=150),
    ),
)
