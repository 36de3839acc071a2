"""The Lambda functions of `schedule_post`: the API and the publish chain's steps."""

import shutterpost.runtime.cold_start  # noqa: F401 - first of all
