"""The rows of the channel catalogue; figures from the public pages of each platform."""

from shutterpost.channels.catalogue.channel_row import ChannelRow, ChannelStatus, Quota
from shutterpost.channels.catalogue.extras import BLUESKY_EXTRAS, INSTAGRAM_EXTRAS, MASTODON_EXTRAS
from shutterpost.channels.catalogue.grades import Grade
from shutterpost.channels.catalogue.limits import ImageRules, Limits, TextUnit
from shutterpost.channels.catalogue.prices import Prices
from shutterpost.channels.catalogue.retries import RetryPolicy
from shutterpost.channels.catalogue.text_rules import (
    BLUESKY_TEXT,
    LINKEDIN_TEXT,
    MASTODON_TEXT,
    PIXELFED_TEXT,
    THREADS_TEXT,
    X_TEXT,
)
from shutterpost.channels.catalogue.token_life import TokenPolicy

VERSION = "2026-11-22"

_MIB = 1024 * 1024
# Meta does not say what its characters are; a text that fits in UTF-16 units fits in any.
_INSTAGRAM_LIMITS = Limits(
    max_text_length=2_200,
    text_unit=TextUnit.UTF16,
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
        extras=INSTAGRAM_EXTRAS,
        post_address=r"https://(?:www\.)?instagram\.com/(?:[\w.]+/)?(?:p|reel|tv|stories/[\w.]+)/(?P<post>[\w-]+)/?(?:\?\S*)?",
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
        status=ChannelStatus.ACTIVE,
        grade=Grade.A,
        media="upload",
        rendition="compact",
        limits=Limits(
            max_text_length=300,
            text_unit=TextUnit.GRAPHEMES,
            max_text_bytes=3_000,
            max_alt_text=2_000,
            max_pictures=4,
            supports_language=True,
            image=ImageRules(formats=("JPEG",), max_bytes=1_000_000, max_width=2_000, min_ratio=0.1, max_ratio=10),
        ),
        text=BLUESKY_TEXT,
        ambiguous_from="publishing",
        poll=(1, 1, 2, 5, 10, 20, 30, 60),
        needs_host=True,
        extras=BLUESKY_EXTRAS,
        post_address=r"https://bsky\.app/profile/[\w.:-]+/post/(?P<post>[2-7a-z]{13})/?(?:\?\S*)?",
    ),
    ChannelRow(
        key="mastodon",
        name="Mastodon",
        status=ChannelStatus.ACTIVE,
        grade=Grade.B,
        media="upload",
        limits=Limits(
            max_text_length=500,
            text_unit=TextUnit.GRAPHEMES,
            link_length=23,
            max_alt_text=1_500,
            min_pictures=1,
            max_pictures=4,
            supports_language=True,
            image=ImageRules(formats=("JPEG", "PNG"), max_bytes=16 * _MIB),
        ),
        text=MASTODON_TEXT,
        ambiguous_from="publishing",
        needs_host=True,
        extras=MASTODON_EXTRAS,
        post_address=r"https://[\w.:-]+/@[\w.-]+/(?P<post>\d+)/?",
    ),
    ChannelRow(
        key="pixelfed",
        name="Pixelfed",
        status=ChannelStatus.ACTIVE,
        adapter="mastodon",
        grade=Grade.C,
        media="upload",
        limits=Limits(
            max_text_length=500,
            max_alt_text=1_000,
            min_pictures=1,
            max_pictures=4,
            supports_language=True,
            image=ImageRules(formats=("JPEG", "PNG"), max_bytes=15_000_000),
        ),
        text=PIXELFED_TEXT,
        ambiguous_from="publishing",
        needs_host=True,
        extras=MASTODON_EXTRAS,
        post_address=r"https://[\w.:-]+/p/[\w.-]+/(?P<post>\d+)/?",
    ),
    ChannelRow(
        key="threads",
        name="Threads",
        status=ChannelStatus.ACTIVE,
        grade=Grade.D,
        limits=Limits(
            max_text_length=500,
            text_unit=TextUnit.EMOJI_BYTES,
            max_links=5,
            max_alt_text=1_000,
            max_pictures=20,
            image=ImageRules(formats=("JPEG", "PNG"), max_bytes=8_000_000, min_width=320, max_width=1_440),
        ),
        text=THREADS_TEXT,
        ambiguous_from="publishing",
        # A container should be 30 seconds old before it is published.
        poll=(30, 30, 60, 60, 60, 60),
        spacing=60,
        quota=Quota(posts=250),
        post_address=r"https://(?:www\.)?threads\.(?:com|net)/@[\w.]+/post/(?P<post>[\w-]+)/?(?:\?\S*)?",
        token=TokenPolicy(life_days=_META_LIFE, refresh_after_days=50),
    ),
    ChannelRow(
        key="facebook_page",
        name="Facebook Page",
        status=ChannelStatus.ACTIVE,
        grade=Grade.C,
        limits=Limits(
            max_text_length=63_206,
            text_unit=TextUnit.UTF16,
            # A post without one cannot be looked up.
            min_pictures=1,
            max_pictures=10,
            image=ImageRules(formats=("JPEG", "PNG"), max_bytes=4_000_000, max_width=2_048),
        ),
        ambiguous_from="publishing",
        # Where a browser is when it shows a post; no page of Meta lists these addresses.
        post_address=(
            r"https://(?:\w+\.)?facebook\.com/(?P<post>(?:\S+/)?(?:posts|photos|share)/\S+|"
            r"(?:photo|permalink|story)(?:\.php|/)?\?\S*fbid=\S+)"
        ),
    ),
    ChannelRow(
        key="x",
        name="X",
        status=ChannelStatus.ACTIVE,
        grade=Grade.C,
        media="upload",
        limits=Limits(
            max_text_length=280,
            text_unit=TextUnit.WEIGHTED,
            link_length=23,
            max_alt_text=1_000,
            # A post without one cannot be looked up.
            min_pictures=1,
            max_pictures=4,
            image=ImageRules(formats=("JPEG", "PNG"), max_bytes=5 * _MIB),
        ),
        text=X_TEXT,
        ambiguous_from="publishing",
        # docs.x.com, "Pricing", 2026-11-21.
        prices=Prices(post=15, post_with_link=200, picture=5),
        not_listed="X charges for each post that is read, so that the account's posts are not listed.",
        post_address=r"https://(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:i/web|\w+)/status/(?P<post>\d+)/?(?:\?\S*)?",
    ),
    ChannelRow(
        key="linkedin",
        name="LinkedIn",
        status=ChannelStatus.ACTIVE,
        grade=Grade.E,
        grades_by_login={"organization": Grade.C},
        media="upload",
        limits=Limits(
            max_text_length=3_000,
            text_unit=TextUnit.UTF16,
            max_alt_text=4_086,
            # Its images are what a post is looked up by.
            min_pictures=1,
            max_pictures=20,
            image=ImageRules(formats=("JPEG", "PNG"), max_bytes=8 * _MIB),
        ),
        text=LINKEDIN_TEXT,
        ambiguous_from="publishing",
        quota=Quota(posts=150),
        logins=("member", "organization"),
        token=TokenPolicy(life_days=60),
        not_listed="LinkedIn shows a member's posts to no app, and a page's posts without their addresses.",
        post_address=(
            r"https://(?:\w+\.)?linkedin\.com/(?:feed/update/urn:li:(?:share|ugcPost|activity):|"
            r"posts/[\w%.-]+[-_](?:share|ugcPost|activity)-)(?P<post>\d+)(?:-[\w-]+)?/?(?:\?\S*)?"
        ),
    ),
)
