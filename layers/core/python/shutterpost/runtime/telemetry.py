"""One logger for every function, and the one metric.

What is counted per event stands in the logs. A custom metric is paid for by the hour in which it is sent (DESIGN §3,
Money), so the one that an alarm needs is sent only while something is wrong.
"""

from aws_lambda_powertools import Logger

logger = Logger(service="shutterpost")

METRICS_NAMESPACE = "Shutterpost"
# Seconds by which the worst schedule is past its grace; one dimension, `stage`.
OVERDUE_METRIC = "OverdueSeconds"


def report_overdue(seconds: float, *, stage: str) -> None:
    """Send the metric, for the alarm to see."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(OVERDUE_METRIC, MetricUnit.Seconds, seconds, namespace=METRICS_NAMESPACE) as metric:
        metric.add_dimension("stage", stage)
