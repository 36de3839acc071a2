"""The part of Buffer's GraphQL schema that a publisher needs."""

from datetime import datetime
from typing import Any, cast

from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema, build_schema

from infra.local.simulators.buffer.records import wire_time

SDL = """
"An instant, ISO 8601 with a zone."
scalar DateTime

type Query {
  account: Account!
  channels(input: ChannelsInput!): [Channel!]!
  post(input: PostInput!): Post!
  posts(first: Int, after: String, input: PostsInput!): PostsResults!
  dailyPostingLimits(input: DailyPostingLimitsInput!): [DailyPostingLimitStatus!]!
}

type Mutation {
  createPost(input: CreatePostInput!): PostActionPayload!
  editPost(input: EditPostInput!): PostActionPayload!
  deletePost(input: DeletePostInput!): DeletePostPayload!
}

type Account { id: ID! email: String! timezone: String organizations: [Organization!]! }
type Organization { id: ID! name: String! limits: OrganizationLimits! }
type OrganizationLimits { scheduledPosts: Int! }
type Channel {
  id: ID!
  service: Service!
  serviceId: String!
  name: String!
  isDisconnected: Boolean!
  isLocked: Boolean!
  isQueuePaused: Boolean!
  timezone: String!
}
type DailyPostingLimitStatus { channelId: ID! limit: Int! isAtLimit: Boolean! sent: Int! scheduled: Int! }

type Post {
  id: ID!
  status: PostStatus!
  dueAt: DateTime
  sentAt: DateTime
  createdAt: DateTime!
  updatedAt: DateTime!
  text: String!
  channelId: ID!
  channelService: Service!
  externalLink: String
  via: PostVia!
  shareMode: ShareMode!
  sharedNow: Boolean!
  isCustomScheduled: Boolean!
  schedulingType: SchedulingType
  error: PostPublishingError
  assets: [Asset!]!
  allowedActions: [PostAction!]!
  metrics: [PostMetric!]
}
type PostPublishingError { message: String! supportUrl: String }
type Asset { id: ID type: AssetType! mimeType: String! source: String! thumbnail: String! }
type PostMetric { type: String! value: Float! unit: String! }
type PostsResults { edges: [PostsEdge!]! pageInfo: PaginationPageInfo! }
type PostsEdge { cursor: String! node: Post! }
type PaginationPageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }

interface MutationError { message: String! }
type NotFoundError implements MutationError { message: String! }
type UnauthorizedError implements MutationError { message: String! }
type UnexpectedError implements MutationError { message: String! }
type RestProxyError implements MutationError { message: String! code: Int! link: String }
type LimitReachedError implements MutationError { message: String! }
type InvalidInputError implements MutationError { message: String! }
type VoidMutationError implements MutationError { message: String! }
type PostActionSuccess { post: Post! }
type DeletePostSuccess { id: ID! }
union PostActionPayload = PostActionSuccess | NotFoundError | UnauthorizedError | UnexpectedError | RestProxyError
  | LimitReachedError | InvalidInputError
union DeletePostPayload = DeletePostSuccess | VoidMutationError

enum PostStatus { draft needs_approval scheduled sending sent error }
enum ShareMode { addToQueue customScheduled shareNext shareNow }
enum SchedulingType { automatic notification }
enum PostVia { buffer api network }
enum PostAction { deletePost editPost duplicatePost }
enum AssetType { image video document link }
enum Service { instagram facebook twitter linkedin bluesky mastodon pinterest threads tiktok youtube googlebusiness }
enum InstagramPostType { post story reel }
enum PostSortableKey { dueAt createdAt }
enum SortDirection { asc desc }
enum DueAtPresence { present absent }
enum Product { publish analyze engage }

input ChannelsInput { organizationId: ID! filter: ChannelsFiltersInput }
input ChannelsFiltersInput { isLocked: Boolean product: Product }
input PostInput { id: ID! }
input DeletePostInput { id: ID! }
input DailyPostingLimitsInput { channelIds: [ID!]! date: DateTime }
input PostsInput { organizationId: ID! filter: PostsFiltersInput sort: [PostSortInput!] }
input PostSortInput { field: PostSortableKey! direction: SortDirection! }
input DateTimeComparator { start: DateTime end: DateTime }
input PostsFiltersInput {
  channelIds: [ID!]
  status: [PostStatus!]
  createdAt: DateTimeComparator
  dueAt: DateTimeComparator
  dueAtPresence: DueAtPresence
  startDate: DateTime
  endDate: DateTime
}
input CreatePostInput {
  channelId: ID!
  schedulingType: SchedulingType!
  mode: ShareMode!
  assets: [AssetInput!]! = []
  text: String
  dueAt: DateTime
  saveToDraft: Boolean
  needsApproval: Boolean! = false
  metadata: PostInputMetaData
  tagIds: [ID!]
  source: String
  aiAssisted: Boolean
}
input EditPostInput {
  id: ID!
  mode: ShareMode
  dueAt: DateTime
  text: String
  assets: [AssetInput!]
  metadata: PostInputMetaData
}
input AssetInput { image: ImageAssetInput video: UrlAssetInput document: UrlAssetInput link: UrlAssetInput }
input ImageAssetInput { url: String! thumbnailUrl: String metadata: ImageMetadataInput }
input ImageMetadataInput { altText: String! }
input UrlAssetInput { url: String! }
input PostInputMetaData { instagram: InstagramPostMetadataInput }
input InstagramPostMetadataInput {
  type: InstagramPostType!
  shouldShareToFeed: Boolean!
  firstComment: String
  link: String
  isAiGenerated: Boolean
}
"""

PAYLOAD_ERRORS = frozenset(
    {
        "NotFoundError",
        "UnauthorizedError",
        "UnexpectedError",
        "RestProxyError",
        "LimitReachedError",
        "InvalidInputError",
        "VoidMutationError",
    }
)


def read_instant(value: Any) -> datetime:
    """A `DateTime` from a variable; raises `GraphQLError` without a zone."""
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            at = None
        if at is not None and at.tzinfo is not None:
            return at
    raise GraphQLError(f"DateTime must be ISO 8601 with a zone, not {value!r}")


def write_instant(value: Any) -> str:
    return wire_time(value)


def buffer_schema() -> GraphQLSchema:
    """The schema, with `DateTime` read and written as instants."""
    schema = build_schema(SDL)
    instant = cast("GraphQLScalarType", schema.type_map["DateTime"])
    # graphql-core builds scalars from SDL as plain pass-through; these are its hooks.
    instant.parse_value = read_instant  # type: ignore[method-assign]
    instant.serialize = write_instant  # type: ignore[method-assign]
    return schema
