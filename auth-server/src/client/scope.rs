//! One rule for the scope that a client asks for, whichever endpoint or grant it asks at (RFC 6749 §3.3): what is
//! malformed is refused; what is beyond the most that it may have is refused or left out, as its policy says
//! (OpenID Connect Core §3.1.2.1 asks that it is ignored); and what was asked for is never granted as nothing.
//!
//! Whoever asks for nothing gets the client's default. Where that is nothing too, as of a client that registered no
//! scope, or none but `openid`, a token without a scope is what was asked for and what is granted: it says who has it,
//! and permits nothing that a scope guards. The grammar of §3.3 has no word for it (Appendix A.4), so that `scope` is
//! left out wherever it would stand: §5.1 wants it only where it differs from what was asked for.
//!
//! A refresh token has a rule of its own (§6): it never gives more than was granted, whatever the policy says.

use std::fmt;

use shared::oauth::{GrantType, Scope, ScopeToken};
use shared::seed::ExcessScope;

use super::Client;

/// The most of what a client sent that the record shows, in characters.
const SHOWN: usize = 300;

/// What a client asks for, and what may come of it. Displays what came, for the record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedScope<'a> {
    /// The parameter `scope`, if there is one.
    pub(crate) asked: Option<&'a str>,
    /// The most that it may have here.
    pub(crate) most: &'a Scope,
    /// What becomes of more.
    pub(crate) excess: ExcessScope,
}

impl AskedScope<'_> {
    /// What it gets; `default`, which may be nothing, where it asks for nothing in particular. `None` is
    /// `invalid_scope`: the grammar of §3.3 has no word for a scope without a token, so that whoever asks for nothing
    /// but what is left out is refused.
    pub(crate) fn granted(&self, default: impl FnOnce() -> Scope) -> Option<Scope> {
        self.granted_of(default, |scope| scope)
    }

    /// The same where `kept` leaves out what cannot be granted here, whatever the policy says.
    pub(crate) fn granted_of(
        &self,
        default: impl FnOnce() -> Scope,
        kept: impl FnOnce(Scope) -> Scope,
    ) -> Option<Scope> {
        let Some(asked) = self.asked else {
            return Some(kept(default()));
        };
        let asked: Scope = asked.parse().ok()?;
        let granted = match self.excess {
            ExcessScope::Refuse => Some(asked).filter(|asked| asked.is_subset(self.most)),
            ExcessScope::Ignore => Some(asked.intersection(self.most)),
        };
        granted.map(kept).filter(|granted| !granted.is_empty())
    }
}

impl fmt::Display for AskedScope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(text) = self.asked else {
            return f.write_str("none: the client's default");
        };
        let Ok(asked) = text.parse::<Scope>() else {
            return f.write_str("malformed");
        };
        let beyond = asked.difference(self.most);
        if beyond.is_empty() {
            return write!(f, "{asked}");
        }
        let beyond: Vec<_> = beyond.iter().map(ScopeToken::as_str).collect();
        let beyond: String = beyond.join(" ").chars().take(SHOWN).collect();
        match self.excess {
            ExcessScope::Refuse => write!(f, "beyond that: {beyond}"),
            ExcessScope::Ignore => write!(f, "beyond that, and left out: {beyond}"),
        }
    }
}

/// What of a scope can be granted to a client where tokens do not come through the browser: `offline_access` asks for
/// a refresh token, and is ignored of a client that may not use one (OpenID Connect Core §11: "MUST ignore").
pub(crate) fn renewable(scope: Scope, client: &Client) -> Scope {
    if client.allows_grant(GrantType::RefreshToken) {
        scope
    } else {
        without_offline_access(&scope)
    }
}

/// What of it asks for no refresh token.
pub(crate) fn without_offline_access(scope: &Scope) -> Scope {
    let kept = scope.iter();
    kept.filter(|token| token.as_str() != "offline_access")
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(asked: Option<&str>, excess: ExcessScope) -> (Option<String>, String) {
        let most: Scope = "openid photos:read".parse().unwrap();
        let asked = AskedScope {
            asked,
            most: &most,
            excess,
        };
        let granted = asked.granted(|| "photos:read".parse().unwrap());
        (granted.map(|scope| scope.to_string()), asked.to_string())
    }

    #[test]
    fn who_asks_for_nothing_may_get_nothing_and_who_asks_for_something_never() {
        let most: Scope = "openid offline_access".parse().unwrap();
        let granted = |asked| {
            let asked = AskedScope {
                asked,
                most: &most,
                excess: ExcessScope::Ignore,
            };
            let granted = asked.granted_of(Scope::default, |scope| without_offline_access(&scope));
            granted.map(|scope| scope.to_string())
        };
        assert_eq!(granted(None).as_deref(), Some(""));
        assert_eq!(
            granted(Some("openid offline_access")).as_deref(),
            Some("openid")
        );
        assert_eq!(granted(Some("offline_access")), None);
    }

    #[test]
    fn more_than_the_most_is_refused_or_left_out_and_nothing_is_never_granted() {
        use ExcessScope::{Ignore, Refuse};
        let some = |text: &str| Some(text.to_owned());
        let rows = [
            (None, some("photos:read"), some("photos:read")),
            (Some("openid"), some("openid"), some("openid")),
            (Some("openid unheard:of"), None, some("openid")),
            (Some("unheard:of"), None, None),
            (Some(" "), None, None),
            (Some("open\"id"), None, None),
        ];
        for (asked, refusing, ignoring) in rows {
            assert_eq!(granted(asked, Refuse).0, refusing, "{asked:?}");
            assert_eq!(granted(asked, Ignore).0, ignoring, "{asked:?}");
        }
        let asked = Some("openid unheard:of");
        assert_eq!(granted(asked, Refuse).1, "beyond that: unheard:of");
        let left_out = "beyond that, and left out: unheard:of";
        assert_eq!(granted(asked, Ignore).1, left_out);
        assert_eq!(granted(Some("\""), Ignore).1, "malformed");
    }
}
