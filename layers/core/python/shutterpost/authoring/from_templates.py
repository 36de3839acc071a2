"""The generator without a model: fills templates with the photo's facts. Deterministic."""

from collections.abc import Iterator

from shutterpost.authoring.ports import Brief, GenerationFailed, ProposedText, ReadPicture
from shutterpost.authoring.session import LengthHint
from shutterpost.runtime.texts import fill, unfilled

_SHORT = ("{{caption}}", "{{objects}}, {{month}} {{year}}.", "{{theme}}, {{year}}.", "{{keywords}}.", "{{objects}}.")
_MEDIUM = (
    "{{caption}} {{month}} {{year}}.",
    "{{caption}}\n\nPhoto: {{credit}}.",
    "{{month}} {{year}}: {{caption}}",
    "{{caption}}\n\nWith {{objects}}.",
    "{{caption}}\n\nFrom {{persona}}.",
)
_LONG = (
    "{{caption}}\n\nPhotographed in {{month}} {{year}} with {{camera}}.",
    "{{caption}}\n\nIn the picture: {{objects}}.\n\nPhotographed in {{month}} {{year}}.",
    "{{caption}}\n\nPhotographed with {{camera}}. Photo: {{credit}}.",
    "{{caption}}\n\nIn the picture: {{objects}}.",
)
# What was asked for, where the photo says too little.
_PROMPT = ("{{prompt}}", "{{prompt}}\n\nFrom {{persona}}.", "{{persona}}: {{prompt}}")
_BY_LENGTH = {
    LengthHint.SHORT: (*_SHORT, *_MEDIUM, *_LONG),
    LengthHint.MEDIUM: (*_MEDIUM, *_SHORT, *_LONG),
    LengthHint.LONG: (*_LONG, *_MEDIUM, *_SHORT),
}


class TemplateGenerator:
    name = "template"

    def generate(self, brief: Brief, picture: ReadPicture | None) -> tuple[ProposedText, ...]:  # noqa: ARG002 - the port's
        """Distinct texts: of the brief's templates first, then of the built-in ones that its facts can fill."""
        texts = tuple(dict.fromkeys(_filled(brief)))[: brief.wanted]
        if not texts:
            raise GenerationFailed("No template can be filled: the photo has no facts, and the prompt is empty.")
        return tuple(ProposedText(content=text, alt_text=brief.alt_text) for text in texts)

    def reword(self, brief: Brief, text: ProposedText) -> None:  # noqa: ARG002 - the port's
        """`None`: without a model nothing is reworded."""
        return


def _filled(brief: Brief) -> Iterator[str]:
    facts = {**brief.facts, "prompt": brief.prompt}
    for body in (*brief.bodies, *_BY_LENGTH[brief.length or LengthHint.MEDIUM], *_PROMPT):
        if not unfilled(body, facts):
            yield fill(body, facts)
