"""The treatment of each known answer, apart from the tables: a change of a row is a change of two places.

One line per row: operation, code, subcode, class at repeatable calls, class at the call that creates the post, cause,
and what else the row asks for.
"""

INSTAGRAM = """
*       -2     2207003  retryable  ambiguous  platform
*       -2     2207020  retryable  retryable  platform  resubmit
*       -2     *        retryable  ambiguous  platform
*       9004   2207052  retryable  ambiguous  photo
*       9004   *        retryable  ambiguous  photo
*       24     2207006  retryable  retryable  platform  resubmit
*       24     2207008  retryable  retryable  platform  resubmit wait=30
*       9007   2207027  retryable  retryable  platform  wait=5
*       9007   *        retryable  retryable  platform  wait=5
*       -1     2207032  retryable  ambiguous  platform  resubmit
*       -1     2207053  retryable  ambiguous  platform  resubmit
*       *      2207082  retryable  ambiguous  platform  resubmit
*       -1     2207001  retryable  ambiguous  platform
*       -1     2207085  retryable  ambiguous  platform
*       -1     *        retryable  ambiguous  platform
*       1      *        retryable  ambiguous  platform
*       2      *        retryable  ambiguous  platform
*       4      2207051  retryable  ambiguous  account   wait=14400
*       4      *        retryable  ambiguous  quota
*       17     *        retryable  ambiguous  quota
*       32     *        retryable  ambiguous  quota
*       341    *        retryable  ambiguous  quota
*       613    *        retryable  ambiguous  quota
*       80000-80099 *   retryable  ambiguous  quota
*       *      *        retryable  ambiguous  quota     status=429
*       9      2207042  retryable  retryable  quota     wait=86400
*       9      *        retryable  retryable  quota     wait=86400
*       25     2207050  permanent  permanent  account
*       25     *        permanent  permanent  account
*       368    *        retryable  ambiguous  account   wait=14400
*       12     *        permanent  permanent  account
*       33     *        permanent  permanent  account
*       110    *        permanent  permanent  account
*       803    *        permanent  permanent  account
*       100    33       permanent  permanent  account
read    100    33       retryable  ambiguous  account
publish 100    33       retryable  ambiguous  account
*       102    *        permanent  permanent  token
*       190    *        permanent  permanent  token
*       190    458      permanent  permanent  token
*       190    459      permanent  permanent  token
*       190    460      permanent  permanent  token
*       190    463      permanent  permanent  token
*       190    464      permanent  permanent  token
*       190    467      permanent  permanent  token
*       190    492      permanent  permanent  token
*       101    *        permanent  permanent  token
*       104    *        permanent  permanent  token
*       2500   *        permanent  permanent  token
*       2500   *        permanent  permanent  platform  pattern
*       100    *        permanent  permanent  token     pattern
*       3      *        permanent  permanent  token
*       10     *        permanent  permanent  token
*       200-299 *       permanent  permanent  token
*       36000  2207004  permanent  permanent  photo
*       36000  *        permanent  permanent  photo
*       36001  2207005  permanent  permanent  photo
*       36001  2207083  permanent  permanent  photo
*       36001  *        permanent  permanent  photo
*       36003  2207009  permanent  permanent  photo
*       36003  *        permanent  permanent  photo
*       352    2207026  permanent  permanent  photo
*       352    *        permanent  permanent  photo
*       100    2207023  permanent  permanent  photo
*       100    2207028  permanent  permanent  photo
*       *      2207077  permanent  permanent  photo
*       *      2207081  permanent  permanent  photo
*       506    *        permanent  permanent  photo
publish 506    *        retryable  ambiguous  photo
*       36004  2207010  permanent  permanent  text
*       36004  *        permanent  permanent  text
*       100    2207035  permanent  permanent  text
*       100    2207036  permanent  permanent  text
*       100    2207037  permanent  permanent  text
*       100    2207040  permanent  permanent  text
*       -1     2207073  permanent  permanent  platform
"""
BUFFER = """
*      InvalidInputError          *  permanent  permanent  photo
*      LimitReachedError          *  retryable  retryable  quota  wait=3600
*      NotFoundError              *  permanent  permanent  account
*      UnauthorizedError          *  permanent  permanent  token
*      UnexpectedError            *  retryable  ambiguous  platform
delete VoidMutationError          *  retryable  ambiguous  platform
*      GRAPHQL_VALIDATION_FAILED  *  permanent  permanent  platform
*      UNAUTHENTICATED            *  permanent  permanent  token
*      UNAUTHORIZED               *  permanent  permanent  token
*      FORBIDDEN                  *  permanent  permanent  token
*      NOT_FOUND                  *  permanent  permanent  account
*      UNEXPECTED                 *  retryable  ambiguous  platform
*      RATE_LIMIT_EXCEEDED        *  retryable  retryable  quota
*      *                          *  permanent  permanent  token  pattern
*      *                          *  retryable  retryable  quota  pattern wait=900
*      *                          *  permanent  permanent  token  status=401
*      *                          *  retryable  retryable  quota  status=429
*      *                          *  permanent  permanent  platform  pattern
*      RestProxyError  403   permanent  permanent  platform
*      RestProxyError  404   permanent  permanent  platform
*      RestProxyError  405   permanent  permanent  platform
*      RestProxyError  429   retryable  retryable  quota  wait=60
*      RestProxyError  1000  retryable  ambiguous  platform
*      RestProxyError  1001  permanent  permanent  token
*      RestProxyError  1002  permanent  permanent  token
*      RestProxyError  1011  permanent  permanent  token
*      RestProxyError  1021  permanent  permanent  token
*      RestProxyError  1050  permanent  permanent  token
*      RestProxyError  1051  permanent  permanent  token
*      RestProxyError  1003  permanent  permanent  platform
*      RestProxyError  1004  permanent  permanent  platform
*      RestProxyError  1005  permanent  permanent  platform
*      RestProxyError  1006  permanent  permanent  platform
*      RestProxyError  1026  permanent  permanent  platform
*      RestProxyError  1029  permanent  permanent  platform
*      RestProxyError  1010  permanent  permanent  account
*      RestProxyError  1012  permanent  permanent  account
*      RestProxyError  1013  permanent  permanent  account
*      RestProxyError  1014  permanent  permanent  account
*      RestProxyError  1015  permanent  permanent  account
*      RestProxyError  1042  permanent  permanent  account
*      RestProxyError  1020  permanent  permanent  account
*      RestProxyError  1022  retryable  ambiguous  platform
*      RestProxyError  1023  retryable  retryable  quota  wait=3600
*      RestProxyError  1024  retryable  retryable  quota  wait=3600
*      RestProxyError  1028  retryable  retryable  quota  wait=3600
*      RestProxyError  1025  permanent  permanent  photo
submit RestProxyError  1025  retryable  ambiguous  photo
*      RestProxyError  1030  permanent  permanent  photo
*      RestProxyError  1031  permanent  permanent  photo
*      RestProxyError  1032  permanent  permanent  photo
"""
BLUESKY = """
*      AuthenticationRequired  *  permanent  permanent  token
*      ExpiredToken            *  permanent  permanent  token
*      InvalidToken            *  permanent  permanent  token
*      AuthMissing             *  permanent  permanent  token
*      AccountTakedown         *  permanent  permanent  token
*      AccountDeactivated      *  permanent  permanent  token
*      AccountNotFound         *  permanent  permanent  token
*      InvalidRequest          *  permanent  permanent  token  pattern
*      RateLimitExceeded       *  retryable  retryable  quota  wait=60
*      PayloadTooLarge         *  permanent  permanent  photo
*      InvalidRequest          *  permanent  permanent  platform
*      InvalidRequest          *  permanent  permanent  text  pattern
*      InvalidRequest          *  permanent  permanent  photo  pattern
*      InvalidSize             *  permanent  permanent  platform
*      InvalidMimeType         *  permanent  permanent  platform
*      BlobNotFound            *  retryable  retryable  platform  resubmit
read   RecordNotFound          *  permanent  permanent  account
read   InvalidRequest          *  retryable  ambiguous  account  pattern
*      InternalServerError     *  retryable  ambiguous  platform
*      UpstreamFailure         *  retryable  ambiguous  platform
"""

THREADS = """
*       24     4279009  retryable  retryable  platform  wait=5
submit  24     4279009  retryable  ambiguous  platform  resubmit
*       24     4279004  retryable  ambiguous  platform  resubmit
*       9004   2207052  retryable  ambiguous  photo
submit  *      *        retryable  ambiguous  photo     pattern
submit  *      *        retryable  ambiguous  platform  pattern resubmit
submit  *      *        permanent  permanent  photo     pattern
*       1      *        retryable  ambiguous  platform
*       2      *        retryable  ambiguous  platform
*       4      *        retryable  retryable  quota
*       17     *        retryable  retryable  quota
*       32     *        retryable  retryable  quota
*       613    *        retryable  retryable  quota
*       *      *        retryable  retryable  quota     status=429
*       4      2207051  retryable  ambiguous  account   wait=14400
*       24     4279013  permanent  permanent  account
*       368    *        retryable  ambiguous  account   wait=14400
*       100    33       permanent  permanent  account
read    100    33       retryable  ambiguous  account
publish 100    33       retryable  ambiguous  account
*       190    *        permanent  permanent  token
*       190    463      permanent  permanent  token
*       102    *        permanent  permanent  token
*       3      *        permanent  permanent  token
*       10     *        permanent  permanent  token
*       200-299 *       permanent  permanent  token
publish 10     *        retryable  ambiguous  platform
*       100    *        permanent  permanent  text      pattern
*       *      *        permanent  permanent  text      pattern
"""

LINKEDIN = """
*      *               *  permanent  permanent  platform  status=400
*      *               *  permanent  permanent  token     status=401
*      *               *  permanent  permanent  token     status=403
*      *               *  retryable  ambiguous  platform  status=404
*      DUPLICATE_POST  *  permanent  permanent  text
*      *               *  permanent  permanent  platform  status=426
*      *               *  retryable  retryable  quota     status=429
*      *               *  retryable  ambiguous  platform  status=500
*      *               *  retryable  ambiguous  platform  status=504
"""


MASTODON = """
*        *  *  permanent  permanent  token     status=401
*        *  *  permanent  permanent  token     status=403
*        *  *  retryable  ambiguous  platform  status=404
publish  *  *  retryable  ambiguous  platform  status=404
submit   *  *  permanent  permanent  photo     status=422
publish  *  *  permanent  permanent  text      status=422
*        *  *  retryable  ambiguous  platform  status=422 resubmit
*        *  *  retryable  retryable  quota     status=429
*        *  *  retryable  ambiguous  platform  status=500
*        *  *  retryable  ambiguous  platform  status=503
"""
PIXELFED = """
*        *           *  retryable  ambiguous  platform  status=400
*        *           *  permanent  permanent  token     status=401
*        *           *  permanent  permanent  token     status=403
*        *           *  permanent  permanent  account   pattern status=403
*        *           *  retryable  ambiguous  platform  status=404
*        *           *  retryable  retryable  quota     status=429
*        *           *  permanent  permanent  photo     status=451
*        *           *  retryable  ambiguous  platform  status=500
submit   validation  *  permanent  permanent  photo
publish  validation  *  permanent  permanent  text
"""
X = """
*       *                * permanent  permanent  token     status=401
refresh invalid_request  * permanent  permanent  token
refresh invalid_grant    * permanent  permanent  token
refresh invalid_client   * permanent  permanent  token
refresh unauthorized_client * permanent permanent token
refresh *                * retryable  ambiguous  platform  status=400
*       *                * permanent  permanent  account   status=403
*       client-forbidden * permanent  permanent  account
*       not-authorized-for-resource * permanent permanent account
*       *                * permanent  permanent  text      pattern status=403
*       *                * retryable  retryable  quota     status=429
*       88               * retryable  retryable  quota
*       rate-limit-exceeded * retryable retryable quota
*       usage-capped     * retryable  retryable  quota     wait=86400
submit  *                * permanent  permanent  photo     status=400
publish *                * permanent  permanent  text      status=400
*       invalid-request  * permanent  permanent  platform
submit  invalid-request  * permanent  permanent  photo
publish invalid-request  * permanent  permanent  text
publish invalid-request  * retryable  retryable  platform  pattern resubmit
*       *                * permanent  permanent  account   status=404
*       resource-not-found * permanent permanent account
submit  resource-not-found * retryable ambiguous platform
*       *                * retryable  ambiguous  platform  status=500
*       *                * retryable  ambiguous  platform  status=502
*       *                * retryable  ambiguous  platform  status=503
*       *                * retryable  ambiguous  platform  status=504
"""
FACEBOOK_PAGE = """
*       1       *       retryable  ambiguous  platform
*       2       *       retryable  ambiguous  platform
*       1363047 *       retryable  ambiguous  platform
*       *       1363047 retryable  ambiguous  platform
*       1609010 *       retryable  ambiguous  platform
*       *       1609010 retryable  ambiguous  platform
*       324     *       retryable  ambiguous  photo
*       100     1366046 permanent  permanent  photo
publish 100     1366051 ambiguous  ambiguous  platform
*       506     *       permanent  permanent  text
*       4       *       retryable  retryable  quota
*       17      *       retryable  retryable  quota
*       32      *       retryable  retryable  quota
*       613     *       retryable  retryable  quota
*       80000-80099 *   retryable  retryable  quota
*       1390008 *       retryable  retryable  quota
*       *       1390008 retryable  retryable  quota
*       368     *       permanent  permanent  account
*       1404102 *       permanent  permanent  account
*       *       1404102 permanent  permanent  account
*       1346003 *       permanent  permanent  account
*       *       1346003 permanent  permanent  account
*       1404112 *       permanent  permanent  account
*       *       1404112 permanent  permanent  account
*       4854002 *       permanent  permanent  account
*       *       4854002 permanent  permanent  account
*       100     33      permanent  permanent  account
read    100     33      retryable  ambiguous  account
publish 100     33      retryable  ambiguous  account
*       102     *       permanent  permanent  token
*       190     *       permanent  permanent  token
*       190     463     permanent  permanent  token
*       490     *       permanent  permanent  token
*       *       *       permanent  permanent  token     pattern
*       1404078 *       permanent  permanent  token
*       *       1404078 permanent  permanent  token
*       3       *       permanent  permanent  token
*       10      *       permanent  permanent  token
*       200-299 *       permanent  permanent  token
"""

EXPECTED_ANSWERS = {
    "instagram": INSTAGRAM,
    "buffer": BUFFER,
    "threads": THREADS,
    "facebook_page": FACEBOOK_PAGE,
    "bluesky": BLUESKY,
    "linkedin": LINKEDIN,
    "mastodon": MASTODON,
    "pixelfed": PIXELFED,
    "x": X,
}
