//! The scopes of this API, and who may use each: a handler names the one that it asks for as a type.

use super::policy::PHOTOS_DELETE;

/// Whose token opens a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opens {
    /// A person's, as what is behind it is theirs.
    People,
    /// Anybody's: a client's own, too.
    Anybody,
}

/// A scope that a handler can ask for.
pub(crate) trait Needs {
    /// The scope token (RFC 6749 §3.3).
    const SCOPE: &'static str;
    /// Whose token it takes.
    const OPENS: Opens;
    /// The name under which a policy can demand more of the person's sign-in (RFC 9470).
    const OPERATION: Option<&'static str> = None;
}

/// Deleting a photo: what writing needs, and a sign-in that is recent enough.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PhotosDelete {}

impl Needs for PhotosDelete {
    const SCOPE: &'static str = PhotosWrite::SCOPE;
    const OPENS: Opens = PhotosWrite::OPENS;
    const OPERATION: Option<&'static str> = Some(PHOTOS_DELETE);
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $scope:literal, $opens:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub(crate) enum $name {}

            impl Needs for $name {
                const SCOPE: &'static str = $scope;
                const OPENS: Opens = Opens::$opens;
            }
        )+

        /// Every scope of this API, for its metadata and its front page.
        pub(crate) const ALL: &[&str] = &[$($scope),+];
    };
}

scopes! {
    /// Who somebody is.
    Profile = "profile", People;
    /// Seeing somebody's photos.
    PhotosRead = "photos:read", People;
    /// Adding and deleting somebody's photos.
    PhotosWrite = "photos:write", People;
    /// Counting.
    StatsRead = "stats:read", Anybody;
}

/// Besides `profile`, what adds the e-mail address to `/me` (OpenID Connect Core §5.4).
pub(crate) const EMAIL: &str = "email";
