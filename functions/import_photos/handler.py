"""Imports uploaded objects; the queue redelivers only the messages on which AWS itself failed."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from import_photos.messages import keys_of, photo_of, rejected_key_of
from import_photos.wiring import import_photo, retry_rejected
from shutterpost.runtime.telemetry import logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Import every object that the batch names; return the messages to redeliver."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, _import, processor, context))


def _import(record: SQSRecord) -> None:
    wanted = photo_of(record.body)
    if wanted is not None:
        outcome = import_photo().render(*wanted)
        logger.info("renditions made", extra=outcome.model_dump(mode="json", exclude_none=True))
        return
    rejected_key = rejected_key_of(record.body)
    if rejected_key is not None:
        outcome = retry_rejected()(rejected_key)
        logger.info("rejected file tried again", extra=outcome.model_dump(mode="json", exclude_none=True))
        return
    for key in keys_of(record.body):
        outcome = import_photo()(key)
        logger.info("import ended", extra=outcome.model_dump(mode="json", exclude_none=True))
