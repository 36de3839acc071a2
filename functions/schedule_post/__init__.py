"""The Lambda functions of `schedule_post`: the API and the publish chain's steps."""

import gc

# A start makes hundreds of thousands of objects and no garbage; looking for some takes a tenth of a cold start.
gc.set_threshold(50_000)
