-- Realms that this server keeps data of.
CREATE TABLE realms (
    realm TEXT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL -- Unix seconds, on the realm's clock
);

-- People, by their subject identifier (OpenID Connect Core §2 `sub`).
CREATE TABLE people (
    realm TEXT NOT NULL,
    sub TEXT NOT NULL,
    username TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    email_verified BOOLEAN NOT NULL,
    PRIMARY KEY (realm, sub)
);

-- Photos: a caption and what to draw.
CREATE TABLE photos (
    realm TEXT NOT NULL,
    id TEXT NOT NULL,
    owner TEXT NOT NULL, -- people.sub, or the sub of somebody who only ever came with a token
    caption TEXT NOT NULL,
    theme TEXT NOT NULL,
    hue INTEGER NOT NULL, -- degrees, 0 to 359
    created_at BIGINT NOT NULL, -- Unix seconds, on the realm's clock
    PRIMARY KEY (realm, id)
);

CREATE INDEX photos_of_owner ON photos (realm, owner, created_at);
