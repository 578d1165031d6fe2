# Tokens that are bound to a key (RFC 9449), a sign-in that is asked for again (RFC 9470), a token for another (RFC 8693):
# on the page of the authorization code grant and on the page of a run.

# --- the choice before a run
proof-choice = Bind the tokens to a key
proof-choice-text = The shop makes a key pair for this run and keeps it on its side. It shows the key's thumbprint before there is a code (dpop_jkt), and signs a proof for every request (DPoP, RFC 9449).

# --- on the page of a run
proof-bound-title = Bound to a key
proof-bound-text = These tokens are not for their bearer. Whoever presents the access token must sign each request with the key that it names: method, URL, time, and the hash of the token (RFC 9449 §4.2). The key never left the shop's server.
proof-bound-jkt = The thumbprint of the key (RFC 7638). The access token says the same in its claim cnf.
proof-stolen-title = A stolen token is worth nothing
proof-stolen-text = Somebody read the access token in a log. Send it as a thief would: the token alone, without the key. The API refuses it, for real.
proof-stolen-button = Present the token without the key
proof-refused = 401: not without the key
proof-refused-text = The token is bound to a key, and came without a proof of it. Whoever holds the token alone holds nothing.
step-up-title = When the sign-in is too old
step-up-text = To look at photos, a sign-in of this morning will do. To delete one, the API wants a sign-in of the last five minutes. Put the realm's clock on by five minutes, then delete: the API answers insufficient_user_authentication and says what would suffice (RFC 9470 §3).
step-up-delete = Delete the oldest photo
step-up-demand = The API asks for a new sign-in
step-up-demand-text = The token is good, but the sign-in behind it does not suffice. The shop can ask for another: a new authorization request with what the API named. Afterwards it makes the same call again (RFC 9470 §4).
step-up-sign-in = Sign in again and go on
lab-title = Hand the call on
lab-text = The shop does not print. A laboratory behind it does, and needs the photos. If the shop gave its own token away, the API could not tell the two apart, and the laboratory could do whatever the shop can.
lab-step-1 = The shop hands its access token to the laboratory, server to server.
lab-step-2 = The laboratory exchanges it at the token endpoint: it shows the shop's token (subject_token) and one of its own (actor_token), and asks for less (RFC 8693 §2.1).
lab-step-3 = The new token speaks for the same person, and says in its claim act that the laboratory acts. With it the laboratory gets the photos, and no more than that.
lab-button = Hand the token to the laboratory

# --- what travels
parameter-dpop-jkt = The thumbprint of the key with which the code will be redeemed: who steals the code lacks the key (RFC 9449 §10).
parameter-subject-token = The token that is exchanged: in whose name the new one speaks (RFC 8693 §2.1).
parameter-subject-token-type = What kind of token the subject token is.
parameter-actor-token = A token of the party that acts for that person (RFC 8693 §2.1).
parameter-actor-token-type = What kind of token the actor token is.
parameter-requested-token-type = What kind of token is wanted in exchange.
parameter-issued-token-type = What kind of token was issued in exchange.
header-dpop = The proof of possession: signed by the key that the token is bound to, for this one request (RFC 9449 §4).
header-dpop-nonce = A value of the server that the next proof must carry, so that none can be made in advance (RFC 9449 §8).
claim-act = Who acts for the person. Inside it stands who acted before (RFC 8693 §4.1).
claim-may-act = Who may act for the person (RFC 8693 §4.4).
claim-htm = For which method the proof was made.
claim-htu = For which URL the proof was made, without its query.
claim-ath = The hash of the access token that the proof goes with.
token-proof = DPoP proof
