"""What no release may change, for it would replace what holds data; see docs/decisions/0013."""

import json

from tests.infra.reading import Synthesised, text

# By logical id: the name, and the keys. An entry may be added; none may be changed.
HELD = {
    "PersonasTable034C19C9": ("shutterpost-prod-personas", {"HASH": "persona_id"}),
    "ChannelsTable557108EF": ("shutterpost-prod-channels", {"HASH": "persona_id", "RANGE": "connection_id"}),
    "PhotosTableE2592BEB": ("shutterpost-prod-photos", {"HASH": "persona_id", "RANGE": "item_key"}),
    "PostsTable906445D4": ("shutterpost-prod-posts", {"HASH": "pk", "RANGE": "sk"}),
    "LibraryBucket2DAE2F95": ("shutterpost-prod-library-<AWS::AccountId>-<AWS::Region>", {}),
}
INDEXES: dict[str, set[str]] = {
    "PersonasTable034C19C9": {"by_owner", "roster"},
    "ChannelsTable557108EF": set(),
    "PhotosTableE2592BEB": {"unposted", "unposted_of_theme"},
    "PostsTable906445D4": {"due", "timeline"},
}


def test_what_holds_data_keeps_its_id_its_name_and_its_keys(prod: Synthesised) -> None:
    resources = prod.template.body["Resources"]
    kept = {name: one for name, one in resources.items() if one.get("DeletionPolicy") == "RetainExceptOnCreate"}
    assert {one["Type"] for one in kept.values()} == {"AWS::DynamoDB::Table", "AWS::S3::Bucket"}
    found = {}
    for name, resource in kept.items():
        properties = resource["Properties"]
        keys = {key["KeyType"]: key["AttributeName"] for key in properties.get("KeySchema", [])}
        found[name] = (text(properties.get("TableName") or properties["BucketName"]), keys)
        assert resource["UpdateReplacePolicy"] == "Retain"
    assert found == HELD


def test_a_release_adds_at_most_one_index_to_a_table(prod: Synthesised) -> None:
    for name, properties in prod.template.of("AWS::DynamoDB::Table").items():
        indexes = {index["IndexName"] for index in properties.get("GlobalSecondaryIndexes", [])}
        assert INDEXES[name] <= indexes
        assert len(indexes - INDEXES[name]) <= 1, "list the index of the last release here, then add the next"


def test_the_tables_are_made_after_what_an_account_may_be_refused(prod: Synthesised) -> None:
    tables = [one for one in prod.template.body["Resources"].values() if one["Type"] == "AWS::DynamoDB::Table"]
    ((distribution, _),) = prod.template.of("AWS::CloudFront::Distribution").items()
    assert all(distribution in table["DependsOn"] for table in tables)


def test_items_that_are_dated_go_by_themselves(prod: Synthesised) -> None:
    for table in prod.template.of("AWS::DynamoDB::Table").values():
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_names_that_all_regions_of_an_account_share_hold_the_region(prod: Synthesised) -> None:
    access = prod.template.only("AWS::CloudFront::OriginAccessControl")["OriginAccessControlConfig"]["Name"]
    caching = prod.template.only("AWS::CloudFront::CachePolicy")["CachePolicyConfig"]["Name"]
    assert "<AWS::Region>" in text(access)
    assert "<AWS::Region>" in text(caching)


def test_the_machine_s_role_is_assumed_for_this_account_alone(prod: Synthesised) -> None:
    (trust,) = prod.template.only("AWS::IAM::Role", named="ChainRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "states.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert "*" not in json.dumps(trust)
