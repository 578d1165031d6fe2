//! The page on which a person chooses among the accounts of this browser (OpenID Connect Core §3.1.2.1).

use askama::Template;
use shared::page::Frame;

/// An account that can be chosen.
#[derive(Clone, Debug)]
pub(crate) struct AccountChoice {
    /// The name of its login session.
    pub(crate) sid: String,
    /// What people call its owner.
    pub(crate) name: String,
    /// What they type to sign in.
    pub(crate) username: String,
}

/// `select_account.html`.
#[derive(Template)]
#[template(path = "select_account.html")]
pub(crate) struct SelectAccount {
    /// The frame.
    pub(crate) frame: Frame,
    /// The client that waits, by name.
    pub(crate) client: String,
    /// The form's token.
    pub(crate) csrf: String,
    /// The handle of the request that waits.
    pub(crate) interaction: String,
    /// The accounts, the expected one first.
    pub(crate) accounts: Vec<AccountChoice>,
}
