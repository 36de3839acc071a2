"""The Lambda function `post_next_best`."""

import shutterpost.runtime.cold_start  # noqa: F401 - first of all
