"""Everything that holds state, and what would close a circle elsewhere: bucket, queue and dead letters."""

from aws_cdk import Stack

from constructs import Construct
from infra.constructs.library import Cdn, Library
from infra.constructs.tables import MODELS, PackTable
from infra.stage import Stage


class DataStack(Stack):
    """Tables, library and CDN of one stage; kept when the stage retains its data."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Shutterpost: what is kept",
            synthesizer=stage.synthesizer(),
        )
        tables = {name: PackTable(self, name.title(), model=model, stage=stage) for name, model in MODELS.items()}
        self.personas = tables["personas"]
        self.channels = tables["channels"]
        self.photos = tables["photos"]
        self.posts = tables["posts"]
        self.library = Library(self, "Library", stage=stage)
        self.cdn = Cdn(self, "Cdn", bucket=self.library.bucket)
