"""Unknown answers: logged with their codes and counted in a metric, so that the tables grow."""

from shutterpost.channels.answers.known import Operation, Platform, PlatformError, ReportUnknown
from shutterpost.runtime.telemetry import logger, report_unknown_answer


def log_unknown(stage: str) -> ReportUnknown:
    def report(platform: Platform, operation: Operation, error: PlatformError) -> None:
        logger.warning(
            "answer not understood",
            platform=platform,
            operation=operation,
            status=error.status,
            code=error.code,
            subcode=error.subcode,
            detail=error.message,
        )
        report_unknown_answer(platform, stage=stage)

    return report
