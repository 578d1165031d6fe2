//! The tables as diesel sees them: column for column what `migrations/` makes.

diesel::table! {
    realms (realm) {
        realm -> Text,
        policy -> Text,
        created_at -> BigInt,
        subject_salt -> Text,
    }
}

diesel::table! {
    signing_keys (realm, kid) {
        realm -> Text,
        kid -> Text,
        algorithm -> Text,
        private_key_pem -> Text,
        announced_at -> BigInt,
        active_from -> BigInt,
        retired_at -> Nullable<BigInt>,
        gone_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    past_keys (realm, kid) {
        realm -> Text,
        kid -> Text,
        jwk -> Text,
        retired_at -> BigInt,
    }
}

diesel::table! {
    people (realm, sub) {
        realm -> Text,
        sub -> Text,
        username -> Text,
        password_hash -> Text,
        claims -> Text,
        updated_at -> BigInt,
    }
}

diesel::table! {
    clients (realm, client_id) {
        realm -> Text,
        client_id -> Text,
        name -> Text,
        description -> Text,
        kind -> Text,
        secret_digest -> Nullable<Text>,
        auth_methods -> Text,
        redirect_uris -> Text,
        post_logout_redirect_uris -> Text,
        grant_types -> Text,
        response_types -> Text,
        scope -> Text,
        allowed_origins -> Text,
        first_party -> Bool,
        may_introspect -> Bool,
        policy -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        metadata -> Text,
        mac_secret -> Nullable<Text>,
        registration_digest -> Nullable<Text>,
    }
}

diesel::table! {
    sessions (realm, digest) {
        realm -> Text,
        digest -> Text,
        sub -> Text,
        sid -> Text,
        auth_time -> BigInt,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        details -> Text,
    }
}

diesel::table! {
    consents (realm, sub, client_id) {
        realm -> Text,
        sub -> Text,
        client_id -> Text,
        scope -> Text,
        granted_at -> BigInt,
        scopes -> Text,
    }
}

diesel::table! {
    interactions (realm, digest) {
        realm -> Text,
        digest -> Text,
        browser_digest -> Text,
        request -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    pushed_requests (realm, digest) {
        realm -> Text,
        digest -> Text,
        client_id -> Text,
        parameters -> Text,
        signed -> Bool,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    grants (realm, grant_id) {
        realm -> Text,
        grant_id -> Text,
        sub -> Nullable<Text>,
        client_id -> Text,
        grant_type -> Text,
        scope -> Text,
        sid -> Nullable<Text>,
        auth_time -> Nullable<BigInt>,
        nonce -> Nullable<Text>,
        created_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        expires_at -> BigInt,
        details -> Text,
    }
}

diesel::table! {
    authorization_codes (realm, digest) {
        realm -> Text,
        digest -> Text,
        grant_id -> Text,
        client_id -> Text,
        redirect_uri -> Nullable<Text>,
        code_challenge -> Nullable<Text>,
        expires_at -> BigInt,
        wrong_verifiers -> Integer,
        redeemed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    approvals (realm, poll_digest) {
        realm -> Text,
        poll_digest -> Text,
        code_digest -> Nullable<Text>,
        grant_type -> Text,
        client_id -> Text,
        scope -> Text,
        details -> Text,
        state -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        poll_interval -> BigInt,
        next_poll_at -> BigInt,
        seen_at -> Nullable<BigInt>,
        decided_at -> Nullable<BigInt>,
        sub -> Nullable<Text>,
        grant_id -> Nullable<Text>,
        redeemed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    refresh_tokens (realm, digest) {
        realm -> Text,
        digest -> Text,
        grant_id -> Text,
        generation -> Integer,
        scope -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        rotated_at -> Nullable<BigInt>,
        successor_digest -> Nullable<Text>,
        successor_seed -> Nullable<Text>,
    }
}

diesel::table! {
    access_tokens (realm, digest) {
        realm -> Text,
        digest -> Text,
        jti -> Text,
        grant_id -> Nullable<Text>,
        sub -> Text,
        client_id -> Text,
        scope -> Text,
        audience -> Text,
        issued_at -> BigInt,
        expires_at -> BigInt,
        details -> Text,
    }
}

diesel::table! {
    revoked_tokens (realm, jti) {
        realm -> Text,
        jti -> Text,
        expires_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(sessions, people, consents);
diesel::allow_tables_to_appear_in_same_query!(authorization_codes, grants);
diesel::allow_tables_to_appear_in_same_query!(refresh_tokens, grants);
diesel::allow_tables_to_appear_in_same_query!(
    access_tokens,
    clients,
    grants,
    people,
    revoked_tokens
);

diesel::table! {
    replays (realm, kind, digest) {
        realm -> Text,
        kind -> Text,
        digest -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    known_places (realm, key) {
        realm -> Text,
        key -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    attempts (realm, key, id) {
        realm -> Text,
        key -> Text,
        id -> Text,
        lapses_at -> BigInt,
    }
}

diesel::table! {
    limits (realm, key) {
        realm -> Text,
        key -> Text,
        window_started_at -> BigInt,
        count -> Integer,
    }
}
