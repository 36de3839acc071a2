"""The bucket, its queue, and what is public."""

from tests.infra.reading import Synthesised, text


def test_the_bucket_is_private_and_encrypted(either: Synthesised) -> None:
    bucket = either.template.only("AWS::S3::Bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_originals_move_to_a_cheaper_class_and_public_copies_go(either: Synthesised) -> None:
    rules = {
        rule.get("Prefix"): rule for rule in either.template.only("AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    }
    assert rules["photos/"]["Transitions"] == [{"StorageClass": "GLACIER_IR", "TransitionInDays": 30}]
    assert rules["rejected/"]["Transitions"] == rules["photos/"]["Transitions"]
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    assert set(rules) == {"photos/", "rejected/", "public/", None}
    assert rules["public/"]["ExpirationInDays"] == 3
    assert rules[None]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert not [prefix for prefix, rule in rules.items() if "ExpirationInDays" in rule and prefix != "public/"]


def test_only_public_is_reachable_and_only_through_the_cdn(either: Synthesised) -> None:
    statements = either.template.only("AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    allowing = [statement for statement in statements if statement["Effect"] == "Allow"]
    (only,) = allowing
    ((distribution, _),) = either.template.of("AWS::CloudFront::Distribution").items()
    assert only["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert only["Action"] == "s3:GetObject"
    assert text(only["Resource"]).endswith(".Arn>/public/*")
    assert text(only["Condition"]["StringEquals"]["AWS:SourceArn"]).endswith(f":distribution/<{distribution}>")


def test_plain_http_is_refused_everywhere(either: Synthesised) -> None:
    policies = [
        *either.template.of("AWS::S3::BucketPolicy").values(),
        *either.template.of("AWS::SQS::QueuePolicy").values(),
    ]
    policies += either.template.of("AWS::SNS::TopicPolicy").values()
    assert len(policies) == 4
    for policy in policies:
        refusals = [result for result in policy["PolicyDocument"]["Statement"] if result["Effect"] == "Deny"]
        assert [refusal["Condition"] for refusal in refusals] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_the_cdn_serves_over_https_signed_and_briefly(either: Synthesised) -> None:
    config = either.template.only("AWS::CloudFront::Distribution")["DistributionConfig"]
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    assert config["PriceClass"] == "PriceClass_100"
    (origin,) = config["Origins"]
    ((access, properties),) = either.template.of("AWS::CloudFront::OriginAccessControl").items()
    assert text(origin["OriginAccessControlId"]) == f"<{access}.Id>"
    assert properties["OriginAccessControlConfig"]["SigningBehavior"] == "always"
    assert either.template.only("AWS::CloudFront::CachePolicy")["CachePolicyConfig"]["MaxTTL"] == 300


def test_drops_of_both_kinds_reach_the_queue(either: Synthesised) -> None:
    notices = either.template.only("AWS::S3::Bucket")["NotificationConfiguration"]["QueueConfigurations"]
    assert {notice["Event"] for notice in notices} == {"s3:ObjectCreated:*"}
    assert {text(notice["Queue"]).startswith("<LibraryImportQueue") for notice in notices} == {True}
    prefixes = [rule["Value"] for notice in notices for rule in notice["Filter"]["S3Key"]["Rules"]]
    assert prefixes == ["photos/", "analyses/"]


def test_the_queue_takes_messages_from_our_bucket_alone(prod: Synthesised) -> None:
    statements = prod.template.only("AWS::SQS::QueuePolicy", named="LibraryImportQueue")["PolicyDocument"]["Statement"]
    (only,) = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert only["Principal"] == {"Service": "s3.amazonaws.com"}
    assert only["Action"] == "sqs:SendMessage"
    assert only["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    name = text(prod.template.only("AWS::S3::Bucket")["BucketName"])
    assert text(only["Condition"]["ArnEquals"]["aws:SourceArn"]).endswith(f":s3:::{name}")


def test_the_queue_outlasts_a_slow_import_and_gives_up_into_dead_letters(either: Synthesised) -> None:
    queue = either.template.only("AWS::SQS::Queue", named="LibraryImportQueue")
    function = either.template.only("AWS::Lambda::Function", named="ImportPhotos")
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert text(queue["RedrivePolicy"]["deadLetterTargetArn"]).startswith("<LibraryDeadLetters")


def test_queues_are_encrypted_and_keep_messages_two_weeks(either: Synthesised) -> None:
    queues = either.template.of("AWS::SQS::Queue")
    assert len(queues) == 2
    for queue in queues.values():
        assert queue["SqsManagedSseEnabled"] is True
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
