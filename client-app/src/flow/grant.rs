//! The grants that this client runs: the one list that routes, pages and tests read.

/// A way of getting tokens, as a person picks it (RFC 6749 §1.3, §1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// RFC 6749 §4.1 with PKCE (RFC 7636).
    AuthorizationCode,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 8628.
    Device,
    /// RFC 7523 §2.1.
    JwtBearer,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.3: kept to learn from.
    Password,
    /// RFC 6749 §4.2: kept to learn from.
    Implicit,
}

impl Grant {
    /// Every grant, in the order in which the start page shows them.
    pub(crate) const ALL: [Self; 7] = [
        Self::AuthorizationCode,
        Self::ClientCredentials,
        Self::Device,
        Self::JwtBearer,
        Self::RefreshToken,
        Self::Password,
        Self::Implicit,
    ];

    /// Its name in addresses and language keys.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization-code",
            Self::ClientCredentials => "client-credentials",
            Self::Device => "device",
            Self::JwtBearer => "jwt-bearer",
            Self::RefreshToken => "refresh-token",
            Self::Password => "password",
            Self::Implicit => "implicit",
        }
    }

    /// The grant of this name.
    pub(crate) fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.slug() == slug)
    }

    /// Whether it is kept to learn from only (RFC 9700 §2.1.2 and §2.4).
    pub(crate) const fn is_legacy(self) -> bool {
        matches!(self, Self::Password | Self::Implicit)
    }

    /// Where it is defined.
    pub(crate) const fn reference(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "RFC 6749 §4.1, RFC 7636",
            Self::ClientCredentials => "RFC 6749 §4.4",
            Self::Device => "RFC 8628",
            Self::JwtBearer => "RFC 7523 §2.1, RFC 7521 §4.1",
            Self::RefreshToken => "RFC 6749 §6, RFC 9700 §4.14",
            Self::Password => "RFC 6749 §4.3, RFC 9700 §2.4",
            Self::Implicit => "RFC 6749 §4.2, RFC 9700 §2.1.2",
        }
    }

    /// The lesson that teaches it.
    pub(crate) const fn lesson(self) -> &'static str {
        match self {
            Self::RefreshToken => "refresh",
            other => other.slug(),
        }
    }

    /// The class of its badge.
    pub(crate) const fn badge(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "safest",
            Self::ClientCredentials | Self::Device | Self::JwtBearer | Self::RefreshToken => "fine",
            Self::Password | Self::Implicit => "legacy",
        }
    }

    /// The scopes that a person may ask for with it, and whether each is ticked at first.
    pub(crate) const fn scopes(self) -> &'static [(&'static str, bool)] {
        match self {
            Self::AuthorizationCode => &[
                ("openid", true),
                ("profile", true),
                ("email", false),
                ("photos:read", true),
                ("photos:write", true),
                ("offline_access", true),
            ],
            Self::ClientCredentials => &[("stats:read", true)],
            Self::Device => &[("openid", true), ("profile", true), ("photos:read", true)],
            Self::JwtBearer => &[("photos:read", true)],
            Self::RefreshToken => &[],
            Self::Password => &[
                ("profile", true),
                ("photos:read", true),
                ("photos:write", false),
                ("offline_access", true),
            ],
            Self::Implicit => &[("profile", true), ("photos:read", true)],
        }
    }

    /// Of the scopes that a person ticked, those that this grant offers, in its own order.
    pub(crate) fn allowed_scope<'a>(self, ticked: impl Iterator<Item = &'a str>) -> String {
        let ticked: Vec<&str> = ticked.collect();
        let names = self.scopes().iter().map(|(name, _)| *name);
        names
            .filter(|name| ticked.contains(name))
            .collect::<Vec<_>>()
            .join(" ")
    }
}
