"""The library bucket, the import queue, and the CDN of `public/`."""

from typing import Final, cast

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from constructs import Construct
from infra.constructs.grants import Grants, acknowledge
from infra.stage import Stage
from shutterpost.photos import KEPT_DAYS

IMPORT_TIMEOUT: Final = Duration.seconds(120)
"""Time of one import batch. A message stays hidden six times as long, so that it is not delivered again meanwhile
(docs.aws.amazon.com/lambda, "Using Lambda with Amazon SQS")."""
MAX_RECEIVES: Final = 5

_KEY_REASON: Final = "Object keys under our own prefix are not known in advance."


class LibraryBucket(Construct):
    """Bucket with `photos/ analyses/ rejected/ renditions/ public/`, import queue, and dead letter queue."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        self.queue = sqs.Queue(
            self,
            "ImportQueue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(6 * cast("int", IMPORT_TIMEOUT.to_seconds())),
            retention_period=Duration.days(14),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVES),
        )
        # Named like the tables, and as bucket names are shared by all of AWS, also by account and region.
        stack = Stack.of(self)
        name = f"{stage.prefix}-library-{stack.account}-{stack.region}"
        self._arn = stack.format_arn(service="s3", region="", account="", resource=name)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            # Photos are addressed by their content and never overwritten, so old versions would only add cost, and keep
            # what was removed from `public/`.
            versioned=False,
            lifecycle_rules=_lifecycle(),
            removal_policy=stage.removal,
        )
        acknowledge(
            self.bucket,
            {"AwsSolutions-S1": "Access logs cost more than all else here; one owner, no public access."},
        )
        self._announce()

    def allow(self, grants: Grants, *actions: str, under: str) -> None:
        """Allow object `actions` under the prefix `under` (without a slash)."""
        grants.allow(*actions, on=[f"{self._arn}/{under}/*"], because=_KEY_REASON)

    def allow_knowing_what_is_missing(self, grants: Grants) -> None:
        """Let S3 answer 404 instead of 403 for a missing object (AWS, "GetObject", permissions)."""
        grants.allow("s3:ListBucket", on=[self._arn])

    def allow_listing(self, grants: Grants, *, under: str) -> None:
        """Allow listing of the keys under the prefix `under`."""
        grants.allow("s3:ListBucket", on=[self._arn], where={"StringLike": {"s3:prefix": f"{under}/*"}})

    def _announce(self) -> None:
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                    # By its name, because S3 sends a test message when the bucket is created.
                    "ArnEquals": {"aws:SourceArn": self._arn},
                },
            )
        )
        resource = cast("s3.CfnBucket", self.bucket.node.default_child)
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[_on_created(f"{prefix}/", self.queue) for prefix in ("photos", "analyses")]
        )
        resource.node.add_dependency(self.queue)


class ContentDelivery(Construct):
    """CloudFront with origin access control for `public/` only."""

    def __init__(self, scope: Construct, construct_id: str, *, bucket: s3.Bucket) -> None:
        super().__init__(scope, construct_id)
        # CDK's own name lacks the region, and these names are shared by all regions of an account.
        access = cloudfront.S3OriginAccessControl(
            self, "Access", origin_access_control_name=f"{Aws.STACK_NAME}-{Aws.REGION}"
        )
        # The default origin would give the distribution access to the whole bucket.
        origin = origins.S3BucketOrigin.with_bucket_defaults(
            bucket, origin_access_control_id=access.origin_access_control_id
        )
        caching = cloudfront.CachePolicy(
            self,
            "Caching",
            comment="A rendition is removed once the platform has it, and must not live on at the edge.",
            min_ttl=Duration.seconds(0),
            default_ttl=Duration.minutes(1),
            max_ttl=Duration.minutes(5),
        )
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="Renditions for as long as a platform may still fetch them",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origin,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
                allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
                cache_policy=caching,
                compress=False,
            ),
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
        )
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
                actions=["s3:GetObject"],
                resources=[bucket.arn_for_objects("public/*")],
                conditions={"StringEquals": {"AWS:SourceArn": self.distribution.distribution_arn}},
            )
        )
        acknowledge(
            self.distribution,
            {
                "AwsSolutions-CFR1": "Platforms fetch renditions from wherever their servers are.",
                "AwsSolutions-CFR2": "A firewall costs 60 times the rest; it serves unguessable files only.",
                "AwsSolutions-CFR3": "Access logs need a second bucket; the files are meant to be public.",
                "AwsSolutions-CFR4": "CloudFront fixes the TLS floor of its own certificate; there is no domain.",
            },
        )


def _lifecycle() -> list[s3.LifecycleRule]:
    # Instant retrieval: an original is read once at import and then only when its renditions are made anew; at a third
    # of STANDARD_IA's price it is still read at once. It moves after 30 days, because a deletion within 90 days of the
    # move is charged in full.
    archived = s3.Transition(
        storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transition_after=Duration.days(30)
    )
    return [
        s3.LifecycleRule(id="originals", prefix="photos/", transitions=[archived]),
        s3.LifecycleRule(id="rejected", prefix="rejected/", transitions=[archived]),
        # The chain removes its copies; this rule removes those that it could not.
        s3.LifecycleRule(id="forgotten-renditions", prefix="public/", expiration=Duration.days(KEPT_DAYS)),
        s3.LifecycleRule(id="broken-uploads", abort_incomplete_multipart_upload_after=Duration.days(1)),
    ]


def _on_created(prefix: str, queue: sqs.Queue) -> s3.CfnBucket.QueueConfigurationProperty:
    rule = s3.CfnBucket.FilterRuleProperty(name="prefix", value=prefix)
    return s3.CfnBucket.QueueConfigurationProperty(
        event="s3:ObjectCreated:*",
        queue=queue.queue_arn,
        filter=s3.CfnBucket.NotificationFilterProperty(s3_key=s3.CfnBucket.S3KeyFilterProperty(rules=[rule])),
    )
