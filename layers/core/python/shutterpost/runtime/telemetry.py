"""One logger and one metrics namespace for every function.

What is counted per event stands in the logs; a metric costs money each month, so there is only the one that an alarm
needs (DESIGN §3, Money).
"""

from aws_lambda_powertools import Logger, Metrics

logger = Logger(service="shutterpost")
METRICS_NAMESPACE = "Shutterpost"
METRICS_SERVICE = "shutterpost"
# Seconds by which the worst schedule is past its grace, 0 where none is; with a dimension `stage`.
OVERDUE_METRIC = "OverdueSeconds"
metrics = Metrics(namespace=METRICS_NAMESPACE, service=METRICS_SERVICE)
