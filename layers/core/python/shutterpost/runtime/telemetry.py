"""One logger and one metrics namespace for every function."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger(service="shutterpost")
metrics = Metrics(namespace="Shutterpost", service="shutterpost")
