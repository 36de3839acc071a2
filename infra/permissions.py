"""What each function may do in AWS; the stack attaches it to the function's role."""

from collections.abc import Mapping, Sequence

from aws_cdk import Stack
from aws_cdk import aws_sns as sns

from infra.constructs.grants import Grants
from infra.constructs.library import LibraryBucket
from infra.constructs.publish_chain import PublishChain
from infra.constructs.tables import PackTable
from infra.constructs.timers import TimerGroup
from infra.stage import Stage
from shutterpost.authoring.bedrock import is_profile


class Permissions:
    """The permissions of each function, by its name, on the stack's resources; `tables` by their pack."""

    def __init__(
        self,
        *,
        stage: Stage,
        tables: Mapping[str, PackTable],
        library: LibraryBucket,
        timers: TimerGroup,
        chain: PublishChain,
        topic: sns.Topic,
    ) -> None:
        self._stage = stage
        self._personas, self._channels = tables["personas"], tables["channels"]
        self._photos, self._posts = tables["photos"], tables["posts"]
        self._authoring = tables["authoring"]
        self._library = library
        self._timers = timers
        self._chain = chain
        self._topic = topic

    def import_photos(self, grants: Grants) -> None:
        self._personas.allow_read(grants)
        self._channels.allow_read(grants)
        self._photos.allow_read(grants)
        self._photos.allow_write(grants)
        self._library.allow_knowing_what_is_missing(grants)
        # A move copies the tags too (docs.aws.amazon.com/AmazonS3, "CopyObject", permissions). A rejected file moves to
        # `rejected`, and back to be imported again.
        moved_from = ("s3:GetObject", "s3:GetObjectTagging", "s3:DeleteObject")
        moved_to = ("s3:PutObject", "s3:PutObjectTagging")
        for prefix in ("photos", "analyses", "rejected"):
            self._library.allow(grants, *moved_from, *moved_to, under=prefix)
        self._library.allow(grants, "s3:PutObject", under="renditions")

    def steps(self, grants: Grants) -> None:
        """The steps of the publish chain."""
        self._personas.allow_read(grants)
        self._allow_posting(grants)
        self._channels.allow_write(grants)
        self._allow_tokens(grants, "ssm:GetParameter")
        self._allow_tokens(grants, "ssm:PutParameter", under="sessions/")
        self._allow_public_copies(grants)
        self._chain.allow_start(grants)

    def post_next_best(self, grants: Grants) -> None:
        self._personas.allow_read(grants)
        self._allow_posting(grants)
        self._timers.allow_arming(grants, listing=True)
        self._chain.allow_start(grants)

    def sync_status(self, grants: Grants) -> None:
        self._personas.allow_read(grants)
        self._allow_posting(grants)
        self._channels.allow_write(grants)
        self._allow_tokens(grants, "ssm:GetParameter", "ssm:PutParameter")
        # The preflight check publishes a copy of a rendition for the platform, and deletes it.
        self._allow_public_copies(grants)
        self._library.allow_listing(grants, under="rejected")
        self._authoring.allow_read(grants)
        self._authoring.allow_write(grants)
        grants.allow("sns:Publish", on=[self._topic.topic_arn])
        queues = [self._library.queue.queue_arn, self._library.dead_letters.queue_arn]
        grants.allow("sqs:GetQueueAttributes", on=queues)
        self._timers.allow_arming(grants)
        self._chain.allow_start(grants)

    def suggestions(self, grants: Grants) -> None:
        """The function that writes suggestions; it has no access to posts, tokens or platforms."""
        self._personas.allow_read(grants)
        self._photos.allow_read(grants)
        self._authoring.allow_read(grants)
        self._authoring.allow_write(grants)
        self._allow_model(grants)

    def _allow_model(self, grants: Grants) -> None:
        model, region = self._stage.bedrock_model, self._stage.bedrock_region
        if model is None or region is None:
            return
        self._library.allow(grants, "s3:GetObject", under="renditions")
        stack = Stack.of(self._topic)

        def arn(resource: str, name: str, **parts: str) -> str:
            return str(stack.format_arn(service="bedrock", resource=resource, resource_name=name, **parts))

        foundation = model.partition(".")[2] if is_profile(model) else model
        if is_profile(model):
            profile = arn("inference-profile", model, region=region)
            grants.allow("bedrock:InvokeModel", on=[profile])
            grants.allow(
                "bedrock:InvokeModel",
                on=[arn("foundation-model", foundation, region="*", account="")],
                where={"StringEquals": {"bedrock:InferenceProfileArn": profile}},
                because="An inference profile chooses the region of each call; the condition allows no call beside it.",
            )
        else:
            grants.allow("bedrock:InvokeModel", on=[arn("foundation-model", foundation, region=region, account="")])
        if self._stage.bedrock_guardrail is not None:
            guardrail = self._stage.bedrock_guardrail.partition(":")[0]
            grants.allow("bedrock:ApplyGuardrail", on=[arn("guardrail", guardrail, region=region)])

    def api(self, grants: Grants, *, invokes: Sequence[str]) -> None:
        """The HTTP API, which invokes the functions `invokes` (ARNs)."""
        self._personas.allow_read(grants)
        self._personas.allow_write(grants)
        self._allow_posting(grants)
        # Drafts and their variants alone are deleted.
        self._posts.allow_delete(grants)
        self._channels.allow_write(grants)
        self._authoring.allow_read(grants)
        self._authoring.allow_write(grants)
        self._authoring.allow_delete(grants)
        self._allow_tokens(grants, "ssm:PutParameter", "ssm:DeleteParameter")
        self._library.allow_listing(grants, under="rejected")
        self._library.allow(grants, "s3:GetObject", "s3:DeleteObject", under="rejected")
        # A rejected file is imported again by the import function, which alone writes to `photos`.
        grants.allow("sqs:SendMessage", on=[self._library.queue.queue_arn])
        self._timers.allow_arming(grants)
        self._chain.allow_start(grants)
        grants.allow("lambda:InvokeFunction", on=invokes)

    def _allow_posting(self, grants: Grants) -> None:
        self._channels.allow_read(grants)
        self._photos.allow_read(grants)
        self._photos.allow_write(grants)
        self._posts.allow_read(grants)
        self._posts.allow_write(grants)

    def _allow_public_copies(self, grants: Grants) -> None:
        self._library.allow_knowing_what_is_missing(grants)
        self._library.allow(grants, "s3:GetObject", under="renditions")
        self._library.allow(grants, "s3:PutObject", "s3:DeleteObject", under="public")
        # Renditions that are missing are requested from the import.
        grants.allow("sqs:SendMessage", on=[self._library.queue.queue_arn])

    def _allow_tokens(self, grants: Grants, *actions: str, under: str = "") -> None:
        parameter = Stack.of(self._topic).format_arn(
            service="ssm", resource="parameter", resource_name=f"{self._stage.token_prefix[1:]}/{under}*"
        )
        grants.allow(
            *actions,
            on=[parameter],
            because="A token's parameter name contains its persona and connection, which are not known in advance.",
        )
