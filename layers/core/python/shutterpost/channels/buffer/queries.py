"""The GraphQL documents sent to Buffer."""

_POST = "id status text channelId dueAt sentAt externalLink error { message }"

HEALTH = """query Health($channels: ChannelsInput!, $limits: DailyPostingLimitsInput!) {
  channels(input: $channels) { id isDisconnected isLocked isQueuePaused }
  dailyPostingLimits(input: $limits) { channelId limit isAtLimit sent scheduled }
}"""
CHANNELS = "query Channels($channels: ChannelsInput!) { channels(input: $channels) { id name } }"
CREATE = """mutation Create($input: CreatePostInput!) {
  createPost(input: $input) {
    __typename
    ... on PostActionSuccess { post { id status } }
    ... on RestProxyError { code }
    ... on MutationError { message }
  }
}"""
READ = f"query Read($input: PostInput!) {{ post(input: $input) {{ {_POST} }} }}"
_LIST = """query List($input: PostsInput!, $first: Int, $after: String) {{
  posts(input: $input, first: $first, after: $after) {{
    edges {{ node {{ {post} }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}"""
LIST = _LIST.format(post=_POST)
RECENT = _LIST.format(post=f"{_POST} assets {{ type source thumbnail }}")
DELETE = """mutation Delete($input: DeletePostInput!) {
  deletePost(input: $input) {
    __typename
    ... on MutationError { message }
  }
}"""
