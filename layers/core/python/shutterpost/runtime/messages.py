"""Messages to the owner, over the topic that the alarms report to."""

from shutterpost.runtime.clients import client

# What SNS takes (AWS, "Publish": ASCII, under 100 characters, no line breaks).
MAX_SUBJECT = 99


class TopicMessenger:
    """Messages over the SNS topic `topic_arn`; whoever subscribed gets them by mail."""

    def __init__(self, topic_arn: str) -> None:
        self._topic_arn = topic_arn

    def send(self, subject: str, text: str) -> None:
        """Publish a message. Raises botocore's errors."""
        plain = " ".join(subject.encode("ascii", "replace").decode().split())[:MAX_SUBJECT]
        client("sns").publish(TopicArn=self._topic_arn, Subject=plain, Message=text)
