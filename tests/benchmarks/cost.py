"""What a month costs: the synthesized template's standing items, and the counted operations of the real flows.

One persona, two connections (Instagram and Buffer), one post a day, 2 000 photos of 4 MB imported once. Prices are
those of `prices.json`; the month has 30 days. What cannot be counted here is assumed, and each assumption is a figure.
"""

from collections.abc import Iterable
from typing import Final

from tests.benchmarks.bill import standing
from tests.benchmarks.bill.month import ENTRIES, LIBRARY, Counts, Month, run
from tests.benchmarks.bill.prices import Line, Usage, bill, bill_figure, prices
from tests.benchmarks.bill.template import synthesized
from tests.benchmarks.figures import Figure, reached

NAME = "cost"
PHOTOS: Final = 2000
PHOTO_GB: Final = 0.004
DAYS: Final = 30
LIST_LIMIT: Final = 1.00
FREE_LIMIT: Final = 0.15
GB: Final = 1e9
HOURS: Final = 24 * DAYS

ASSUMED: Final = {
    "start": (1.0, "s per invocation, every one a cold start", "three times the CPU time that `coldstart` measures"),
    "sync_status": (0.2, "s of work per run", "four queries when nothing is due"),
    "post_next_best": (1.0, "s of work per run", "some ten calls"),
    "steps": (2.0, "s of work per step", "a few calls and a platform's answer; naps before a post are counted"),
    "import_photos": (2.0, "s of work per photo", "a 12-megapixel picture on one processor"),
    "api": (0.5, "s of work per request", "a few calls"),
    "requests": (100, "API requests a month", "the owner looking in"),
    "rendition": (0.0003, "GB per rendition", "1440 pixels wide; 0.27 MB on average over 60 real photos"),
    "platform lines": (800, "log bytes per invocation", "Lambda's own start and report in JSON"),
    "history": (365, "days of posts kept", "tables grow; a year's worth is priced"),
}


def measure() -> list[Figure]:
    """The bill of a steady month and of the month of the import, against the project's bounds."""
    resources = synthesized()
    counted = run(standing.sync_minutes(resources))
    source, table = prices()
    steady = bill(steady_month(resources, counted), table)
    first = bill(import_month(resources, counted), table)
    at_list, after_free = _totals(steady)
    figures = [
        Figure("steady month at list price", at_list, "USD", f"{source}; {reached(at_list, LIST_LIMIT)}"),
        Figure(
            "steady month after the always-free tier", after_free, "USD", f"{source}; {reached(after_free, FREE_LIMIT)}"
        ),
    ]
    at_list, after_free = _totals(first)
    figures += [
        Figure("month of the import at list price", at_list, "USD", "once; steady month above"),
        Figure("month of the import after the always-free tier", after_free, "USD", "once; steady month above"),
    ]
    figures += [bill_figure("steady", line) for line in steady]
    figures += [bill_figure("import", line) for line in first if line.at_list >= 0.01]
    open_ = sum(line.at_list for line in first if line.confirmed == "nobody")
    figures.append(Figure("at prices that nobody confirms", round(open_, 3), "USD", "of the month of the import"))
    return figures + [Figure(f"assumed: {name}", *assumed) for name, assumed in ASSUMED.items()]


def steady_month(resources: list[standing.Resource], counted: Month) -> list[Usage]:
    """A month in which nothing is imported."""
    tables = sum(counted.stored_after_import.values()) * PHOTOS / LIBRARY
    stored = (tables + counted.stored_a_day * _assumed("history")) / GB
    requests = _assumed("requests")
    syncs = DAYS * 24 * 60 / standing.sync_minutes(resources)
    usages = [
        *standing.standing(resources),
        *_used(counted.day, DAYS, resources, "posting and sync"),
        *_functions({"api": requests}, {}, resources, "API"),
        Usage("http-api-requests", requests, "API"),
        Usage("states-transitions", counted.day.transitions * DAYS, "publish chains"),
        Usage("scheduler-invocations", syncs, "sync"),
        Usage("scheduler-invocations", (counted.day.timers + 1) * DAYS, "slots, starts and arming"),
        Usage("cloudfront-requests", counted.day.fetches * DAYS, "platforms fetch renditions"),
        Usage("cloudfront-transfer", counted.day.fetches * DAYS * _assumed("rendition"), "platforms fetch renditions"),
        Usage("ssm-standard-parameters", 2, "tokens"),
        Usage("dynamodb-storage", stored, "tables"),
        Usage("s3-standard", PHOTOS * _assumed("rendition"), "renditions"),
        Usage(standing.archived(resources), PHOTOS * PHOTO_GB, "originals"),
    ]
    if standing.recovers(resources):
        usages.append(Usage("dynamodb-recovery", stored, "tables"))
    return usages


def import_month(resources: list[standing.Resource], counted: Month) -> list[Usage]:
    """What the import adds in its month: requests, the library in the standard class, its move to the other one."""
    times = PHOTOS / LIBRARY
    archived = standing.archived(resources)
    steady = [usage for usage in steady_month(resources, counted) if usage.item != archived]
    usages = [
        *steady,
        *_used(counted.imported, times, resources, "import", invocations={"import_photos": PHOTOS}),
        Usage("s3-writes", PHOTOS, "the owner's uploads"),
        Usage("s3-standard", PHOTOS * PHOTO_GB, "originals, their first month"),
        # Each told by S3, received and deleted, were no two ever in one batch.
        Usage("sqs-requests", 3 * PHOTOS, "photos"),
    ]
    if archived != "s3-standard":
        usages.append(Usage("s3-transitions", PHOTOS, "originals, after their first month"))
    return usages


def _used(
    counts: Counts,
    times: float,
    resources: list[standing.Resource],
    purpose: str,
    invocations: dict[str, float] | None = None,
) -> list[Usage]:
    """What was counted, `times` over; `invocations` where they do not follow from it."""
    calls = invocations or {name: number * times for name, number in counts.tally.invocations.items()}
    logged = (counts.log_bytes * times + _assumed("platform lines") * sum(calls.values())) / GB
    kept = logged * standing.retention_days(resources) / DAYS
    return [
        *(Usage(item, amount * times, purpose) for item, amount in counts.tally.amounts.items()),
        *_functions(calls, {name: slept * times for name, slept in counts.slept.items()}, resources, purpose),
        Usage("cloudwatch-metrics", len(counts.metrics) * times / HOURS, purpose),
        Usage("logs-ingested", logged, purpose),
        Usage("logs-stored", kept, purpose),
    ]


def _functions(
    calls: dict[str, float], slept: dict[str, float], resources: list[standing.Resource], purpose: str
) -> Iterable[Usage]:
    memory = standing.memory_gb(resources)
    for name, number in calls.items():
        seconds = number * (_assumed("start") + _assumed(name)) + slept.get(name, 0.0)
        yield Usage("lambda-requests", number, name)
        yield Usage("lambda-gb-seconds", seconds * memory[ENTRIES[name]], name)


def _assumed(name: str) -> float:
    return ASSUMED[name][0]


def _totals(lines: list[Line]) -> tuple[float, float]:
    return round(sum(line.at_list for line in lines), 3), round(sum(line.after_free for line in lines), 3)
