"""Builds the flows of templates and suggestions; only functions that author load the pack."""

from typing import TYPE_CHECKING

from shutterpost.flows.wiring.ports import Stores

if TYPE_CHECKING:
    from shutterpost.flows.authoring.fill_template import TemplateFiller


def build_template_filler(stores: Stores) -> "TemplateFiller":
    from shutterpost.flows.authoring.fill_template import TemplateFiller

    return TemplateFiller(catalogue=stores.catalogue, photos=stores.photos)
