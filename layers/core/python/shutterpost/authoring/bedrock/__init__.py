"""The generator that asks a model on Amazon Bedrock (docs.aws.amazon.com/bedrock, "Converse")."""

from shutterpost.authoring.bedrock.adapter import (
    BedrockGenerator,
    ModelSettings,
    RegionUnserved,
    check_region,
    is_profile,
)

__all__ = ["BedrockGenerator", "ModelSettings", "RegionUnserved", "check_region", "is_profile"]
