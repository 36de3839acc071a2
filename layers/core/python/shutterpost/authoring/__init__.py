"""The public API of the authoring pack: templates, generation sessions and their suggestions."""

from shutterpost.authoring.ports import Brief, GenerationFailed, Generator, GeneratorBusy, ProposedText, ReadPicture
from shutterpost.authoring.session import (
    MAX_CHANNELS,
    MAX_PER_CHANNEL,
    GenerationSession,
    GenerationSuggestion,
    LengthHint,
    SessionStatus,
    new_session,
    suggestion_id_of,
)
from shutterpost.authoring.store.items import use_table
from shutterpost.authoring.store.sessions import (
    SessionEnded,
    SessionNotFound,
    SessionPage,
    Sessions,
    SuggestionNotFound,
)
from shutterpost.authoring.store.templates import (
    TemplateChanged,
    TemplateExists,
    TemplateNotFound,
    TemplatePage,
    Templates,
)
from shutterpost.authoring.template import (
    MAX_PLACEHOLDERS,
    Constraints,
    PlaceholderUnknown,
    PostTemplate,
    TemplateBroken,
    TemplateRules,
    new_template,
)

__all__ = [
    "MAX_CHANNELS",
    "MAX_PER_CHANNEL",
    "MAX_PLACEHOLDERS",
    "Brief",
    "Constraints",
    "GenerationFailed",
    "GenerationSession",
    "GenerationSuggestion",
    "Generator",
    "GeneratorBusy",
    "LengthHint",
    "PlaceholderUnknown",
    "PostTemplate",
    "ProposedText",
    "ReadPicture",
    "SessionEnded",
    "SessionNotFound",
    "SessionPage",
    "SessionStatus",
    "Sessions",
    "SuggestionNotFound",
    "TemplateBroken",
    "TemplateChanged",
    "TemplateExists",
    "TemplateNotFound",
    "TemplatePage",
    "TemplateRules",
    "Templates",
    "new_session",
    "new_template",
    "suggestion_id_of",
    "use_table",
]
