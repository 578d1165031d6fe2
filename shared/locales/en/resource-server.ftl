# The pages of the resource server.

# --- front page
rs-title = The provider's photo API
rs-lead = Alice keeps her photos here. Whoever wants to see them brings an access token that she agreed to.
rs-story = This server knows no passwords and shows no sign-in page. It reads the access token of each request, verifies who issued it, for whom it is meant, whether it is still good and what it permits, and answers with the photos of the person it speaks for. Nothing else opens it.
rs-call-title = How to call it
rs-call-text = Send the access token in one Authorization header, and nowhere else: a token in a URL ends up in histories and logs, so it is refused here (RFC 6750 §2.1, RFC 9700 §4.3.2).
rs-add-text = With the scope photos:write, add a photo: a caption and one of the themes above.
rs-token-text = Where does a token come from? Run one of the grants:
rs-endpoints-title = Endpoints and their scopes
rs-column-endpoint = Endpoint
rs-column-scope = Scope
rs-column-does = What it does
rs-no-token = no token
rs-private = Photos are private to each person: somebody else's photo answers 404, as if it did not exist.
rs-answers-title = What a refusal says
rs-answer-missing = No token came. The WWW-Authenticate header says how to bring one, and no more (RFC 6750 §3.1).
rs-answer-invalid-token = The token is expired, revoked, meant for another server, or not what it says it is. Get a new one.
rs-answer-insufficient-scope = The token is good but does not permit this. The header names the scope that is missing.
rs-answer-invalid-request = The token came in a wrong way: in the URL, twice, or in a malformed header.
rs-answer-away = The authorization server is away, so that the token cannot be judged. It may be good: try again soon.
rs-metadata = The same for machines (RFC 9728):

# Suffix: a row of the table of endpoints.
endpoint-rs-me = Who the person is; the e-mail address only with the scope email too.
endpoint-rs-me-picture = Their portrait, drawn as SVG.
endpoint-rs-photos = The person's photos, the newest first.
endpoint-rs-photo = One photo: caption, theme, and where its picture is.
endpoint-rs-photo-picture = The picture itself, drawn as SVG.
endpoint-rs-photo-add = Adds a photo; answers 201 with its address.
endpoint-rs-photo-delete = Deletes a photo; answers 204.
endpoint-rs-stats = Counts people and photos, for programs that act for themselves.
endpoint-rs-metadata = What this API says of itself (RFC 9728).
