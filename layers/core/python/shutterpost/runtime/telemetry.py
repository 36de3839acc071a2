"""One logger for every function, and the metrics.

What is counted per event stands in the logs. A custom metric is paid for by the hour in which it is sent, so each is
sent only while something is wrong.
"""

from aws_lambda_powertools import Logger

logger = Logger(service="shutterpost")

METRICS_NAMESPACE = "Shutterpost"
# Seconds by which the worst schedule is past its grace; one dimension, `stage`.
OVERDUE_METRIC = "OverdueSeconds"
# Answers of a platform that no table has; dimensions `stage` and `platform`.
UNKNOWN_ANSWERS_METRIC = "UnknownAnswers"


def report_overdue(seconds: float, *, stage: str) -> None:
    """Send the metric, for the alarm to see."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(OVERDUE_METRIC, MetricUnit.Seconds, seconds, namespace=METRICS_NAMESPACE) as metric:
        metric.add_dimension("stage", stage)


def report_unknown_answer(platform: str, *, stage: str) -> None:
    """Count one answer of `platform` that is not understood."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(UNKNOWN_ANSWERS_METRIC, MetricUnit.Count, 1, namespace=METRICS_NAMESPACE) as metric:
        metric.add_dimension("stage", stage)
        metric.add_dimension("platform", platform)
