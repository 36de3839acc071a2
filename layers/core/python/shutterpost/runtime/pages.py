"""The size of a page of a list, in the API and in the stores."""

MAX_PAGE = 100


def page_limit(limit: int) -> int:
    """The number of items to read for a request of `limit`."""
    return max(1, min(limit, MAX_PAGE))
