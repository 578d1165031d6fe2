//! Where it is dangerous that somebody knows a value: few rules, one table, each with the standard that says so.
//!
//! A rule looks at what the value is, who knows it and how it came to it, and at nothing else. Its sentence is
//! `knowledge-rule-<id>` in the language files, with `.` and `_` as `-`.

use serde::{Deserialize, Serialize};
use shared::flow::{Party, ValueKind};

use super::{How, Knower};

/// Whether it is as it should be that somebody knows a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// As it should be.
    Expected,
    /// So it is meant, but worth knowing: something else has to protect the value.
    Noted,
    /// It should not be.
    Exposed,
}

impl Exposure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Expected, Self::Noted, Self::Exposed];

    /// The name in JSON and in language keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Noted => "noted",
            Self::Exposed => "exposed",
        }
    }
}

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its stable id.
    pub id: &'static str,
    /// What it means for the value.
    pub exposure: Exposure,
    /// Where it stands.
    pub reference: &'static str,
    applies: fn(ValueKind, &Knower, How) -> bool,
}

/// All rules; the first that applies counts.
pub const RULES: &[Rule] = &[
    Rule {
        id: "password.in_address",
        exposure: Exposure::Exposed,
        reference: "RFC 9110 §17.9",
        applies: |kind, knower, _| kind == ValueKind::Password && *knower == Knower::AddressBar,
    },
    Rule {
        id: "password.beyond_auth_server",
        exposure: Exposure::Exposed,
        reference: "RFC 9700 §2.4",
        applies: |kind, knower, _| {
            let rightful = [Party::Browser, Party::AuthServer].map(Knower::Party);
            kind == ValueKind::Password && !rightful.contains(knower)
        },
    },
    Rule {
        id: "client_secret.in_browser",
        exposure: Exposure::Exposed,
        reference: "RFC 6749 §10.1",
        applies: |kind, knower, _| {
            let places = [Knower::Party(Party::Browser), Knower::AddressBar];
            kind == ValueKind::ClientSecret && places.contains(knower)
        },
    },
    Rule {
        id: "client_secret.beyond_auth_server",
        exposure: Exposure::Exposed,
        reference: "RFC 6749 §2.3.1",
        applies: |kind, knower, how| {
            let to_auth_server = *knower == Knower::Party(Party::AuthServer);
            kind == ValueKind::ClientSecret && how != How::Had && !to_auth_server
        },
    },
    Rule {
        id: "code.in_address",
        exposure: Exposure::Noted,
        reference: "RFC 9700 §4.3.1",
        applies: |kind, knower, _| kind == ValueKind::Code && *knower == Knower::AddressBar,
    },
    Rule {
        id: "device_code.in_browser",
        exposure: Exposure::Exposed,
        reference: "RFC 8628 §3.3",
        applies: |kind, knower, _| {
            let places = [Knower::Party(Party::Browser), Knower::AddressBar];
            kind == ValueKind::DeviceCode && places.contains(knower)
        },
    },
    Rule {
        id: "user_code.in_address",
        exposure: Exposure::Noted,
        reference: "RFC 8628 §5.4",
        applies: |kind, knower, _| kind == ValueKind::UserCode && *knower == Knower::AddressBar,
    },
    Rule {
        id: "code_verifier.in_address",
        exposure: Exposure::Exposed,
        reference: "RFC 9700 §2.1.1",
        applies: |kind, knower, _| kind == ValueKind::CodeVerifier && *knower == Knower::AddressBar,
    },
    Rule {
        id: "token.in_address",
        exposure: Exposure::Exposed,
        reference: "RFC 9700 §4.3.2",
        applies: |kind, knower, _| is_token(kind) && *knower == Knower::AddressBar,
    },
    Rule {
        id: "refresh_token.at_api",
        exposure: Exposure::Exposed,
        reference: "RFC 6749 §1.5",
        applies: |kind, knower, _| {
            kind == ValueKind::RefreshToken && *knower == Knower::Party(Party::ResourceServer)
        },
    },
];

/// The rule for a value of `kind` that `knower` came to know `how`; none where all is as it should be.
#[must_use]
pub fn rule_for(kind: ValueKind, knower: &Knower, how: How) -> Option<&'static Rule> {
    RULES.iter().find(|rule| (rule.applies)(kind, knower, how))
}

const fn is_token(kind: ValueKind) -> bool {
    matches!(
        kind,
        ValueKind::AccessToken | ValueKind::RefreshToken | ValueKind::IdToken
    )
}
