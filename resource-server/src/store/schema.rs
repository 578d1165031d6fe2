//! The tables as the migrations make them.

diesel::table! {
    /// Realms that this server keeps data of.
    realms (realm) {
        /// The realm's name.
        realm -> Text,
        /// Unix seconds, on the realm's clock.
        created_at -> BigInt,
    }
}

diesel::table! {
    /// People, by their subject identifier.
    people (realm, sub) {
        /// The realm.
        realm -> Text,
        /// `sub` of their tokens.
        sub -> Text,
        /// What they type to sign in.
        username -> Text,
        /// Full name, as shown.
        name -> Text,
        /// E-mail address.
        email -> Nullable<Text>,
        /// Whether the provider has seen that the address is theirs.
        email_verified -> Bool,
    }
}

diesel::table! {
    /// What nonces are made under.
    nonce_secrets (realm) {
        /// The realm.
        realm -> Text,
        /// 256 random bits, base64url.
        secret -> Text,
    }
}

diesel::table! {
    /// `DPoP` proofs that were used (RFC 9449 §11.1).
    used_proofs (realm, digest) {
        /// The realm.
        realm -> Text,
        /// SHA-256 of key and `jti`, in hex.
        digest -> Text,
        /// Unix seconds on the realm's clock: later the proof is too old anyway.
        expires_at -> BigInt,
    }
}

diesel::table! {
    /// Photos: a caption and what to draw.
    photos (realm, id) {
        /// The realm.
        realm -> Text,
        /// The photo's own id, unique in the realm.
        id -> Text,
        /// `sub` of whose it is.
        owner -> Text,
        /// What is written under it.
        caption -> Text,
        /// The name of a theme.
        theme -> Text,
        /// Degrees on the colour wheel, 0 to 359.
        hue -> Integer,
        /// Unix seconds, on the realm's clock.
        created_at -> BigInt,
    }
}
