"""The kinds of connections besides Instagram's and Buffer's, each declared once: see `KindOfPlatform`."""

from tests.simulation.kinds.bluesky import BLUESKY
from tests.simulation.kinds.declaration import KindOfPlatform, NewAccount, PlatformPost, Words
from tests.simulation.kinds.facebook_page import FACEBOOK_PAGE
from tests.simulation.kinds.linkedin import LINKEDIN, LINKEDIN_MEMBER
from tests.simulation.kinds.mastodon import MASTODON, PIXELFED
from tests.simulation.kinds.threads import THREADS
from tests.simulation.kinds.x import X

# A further channel is one more declaration here; no random history without `--channels` has one of these.
DECLARED: dict[str, KindOfPlatform] = {
    kind.name: kind for kind in (BLUESKY, MASTODON, PIXELFED, THREADS, FACEBOOK_PAGE, LINKEDIN, LINKEDIN_MEMBER, X)
}

__all__ = ["DECLARED", "KindOfPlatform", "NewAccount", "PlatformPost", "Words"]
