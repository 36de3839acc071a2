"""The logger of every function, and the metrics that alarms need.

A custom metric is charged for each hour in which it is sent, so these are sent once a day, or only after an error.
"""

from aws_lambda_powertools import Logger

logger = Logger(service="shutterpost")

METRICS_NAMESPACE = "Shutterpost"
# Seconds by which the latest schedule exceeds its grace; dimension `stage`.
OVERDUE_METRIC = "OverdueSeconds"
# Personas of which nothing went out for a day although something should have; sent daily; dimension `stage`.
SILENT_METRIC = "SilentPersonas"
# Platform responses that are in no table; dimensions `stage` and `platform`.
UNKNOWN_ANSWERS_METRIC = "UnknownAnswers"


def report_overdue(seconds: float, *, stage: str) -> None:
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(OVERDUE_METRIC, MetricUnit.Seconds, seconds, namespace=METRICS_NAMESPACE) as metric:
        metric.add_dimension("stage", stage)


def report_silent(personas: int, *, stage: str) -> None:
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(SILENT_METRIC, MetricUnit.Count, personas, namespace=METRICS_NAMESPACE) as metric:
        metric.add_dimension("stage", stage)


def report_unknown_answer(platform: str, *, stage: str) -> None:
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(UNKNOWN_ANSWERS_METRIC, MetricUnit.Count, 1, namespace=METRICS_NAMESPACE) as metric:
        metric.add_dimension("stage", stage)
        metric.add_dimension("platform", platform)
