-- What all processes of the API share, to judge DPoP proofs alike (RFC 9449 §8, §11.1).

-- What the nonces of a realm are made under.
CREATE TABLE nonce_secrets (
    realm TEXT NOT NULL PRIMARY KEY,
    secret TEXT NOT NULL -- 256 random bits, base64url
);

-- Proofs that were used. What has expired is deleted from time to time.
CREATE TABLE used_proofs (
    realm TEXT NOT NULL,
    digest TEXT NOT NULL, -- SHA-256 of key and jti, in hex
    expires_at BIGINT NOT NULL, -- Unix seconds, on the realm's clock
    PRIMARY KEY (realm, digest)
);

CREATE INDEX used_proofs_expiry ON used_proofs (realm, expires_at);
