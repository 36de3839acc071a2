"""Notifications to the owner, through the alarms' SNS topic."""

from shutterpost.runtime.clients import client

# Limit of SNS subjects (AWS, "Publish": ASCII, under 100 characters, no line breaks).
MAX_SUBJECT = 99


class TopicMailer:
    def __init__(self, topic_arn: str) -> None:
        self._topic_arn = topic_arn

    def send(self, subject: str, text: str) -> None:
        """Publish a message. Raises botocore's errors."""
        plain = " ".join(subject.encode("ascii", "replace").decode().split())[:MAX_SUBJECT]
        client("sns").publish(TopicArn=self._topic_arn, Subject=plain, Message=text)
