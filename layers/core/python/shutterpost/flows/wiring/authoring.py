"""Builds the flows of templates and suggestions; only functions that author load the pack."""

from typing import TYPE_CHECKING

from shutterpost.flows.wiring.ports import Stores
from shutterpost.flows.wiring.posting import build_variant_writer
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.settings import SuggestionsSettings

if TYPE_CHECKING:
    from shutterpost.authoring import Generator
    from shutterpost.flows.authoring.accept import SuggestionAccepter
    from shutterpost.flows.authoring.end_sessions import SessionEnder
    from shutterpost.flows.authoring.fill_template import TemplateFiller
    from shutterpost.flows.authoring.start_session import SessionStarter
    from shutterpost.flows.authoring.suggest import SuggestionWriter


def build_template_filler(stores: Stores) -> "TemplateFiller":
    from shutterpost.flows.authoring.fill_template import TemplateFiller

    return TemplateFiller(catalogue=stores.catalogue, photos=stores.photos)


def build_session_starter(stores: Stores) -> "SessionStarter":
    from shutterpost.authoring import Sessions, Templates
    from shutterpost.flows.authoring.start_session import SessionStarter

    return SessionStarter(
        clock=stores.clock,
        catalogue=stores.catalogue,
        photos=stores.photos,
        connections=stores.connections,
        posts=stores.posts,
        templates=Templates(),
        sessions=Sessions(),
    )


def build_suggestion_accepter(stores: Stores) -> "SuggestionAccepter":
    from shutterpost.authoring import Sessions
    from shutterpost.flows.authoring.accept import SuggestionAccepter

    return SuggestionAccepter(
        clock=stores.clock, posts=stores.posts, sessions=Sessions(), variant_writer=build_variant_writer(stores)
    )


def build_session_ender(stores: Stores) -> "SessionEnder":
    from shutterpost.authoring import Sessions
    from shutterpost.flows.authoring.end_sessions import SessionEnder

    return SessionEnder(clock=stores.clock, sessions=Sessions())


def build_suggestion_writer(stores: Stores, settings: SuggestionsSettings) -> "SuggestionWriter":
    from shutterpost.authoring import Sessions, Templates
    from shutterpost.flows.authoring.suggest import SuggestionWriter
    from shutterpost.photos import RenditionReader

    return SuggestionWriter(
        clock=stores.clock,
        catalogue=stores.catalogue,
        personas=stores.personas,
        photos=stores.photos,
        templates=Templates(),
        sessions=Sessions(),
        generator=build_generator(settings, stores.clock),
        renditions=RenditionReader(settings.library_bucket),
    )


def build_generator(settings: SuggestionsSettings, clock: Clock) -> "Generator":
    """The generator of the settings: Bedrock if they name a model, else templates."""
    if not settings.bedrock_model:
        from shutterpost.authoring.from_templates import TemplateGenerator

        return TemplateGenerator()
    from shutterpost.authoring.bedrock import BedrockGenerator, ModelSettings
    from shutterpost.authoring.store.spending import Spending

    given = settings.model_dump(include={name for name in type(settings).model_fields if name.startswith("bedrock_")})
    model = ModelSettings.model_validate({name.removeprefix("bedrock_"): value for name, value in given.items()})
    return BedrockGenerator(model, Spending(), clock)
