//! From exchanges to lives: one pass over a flow in order, each exchange asked what it issued, used and ended.
//!
//! What belongs together is one *grant*: a code, the tokens that it brought, and what they were renewed into. The
//! auth server revokes by grants (RFC 6749 §4.1.2, RFC 7009 §2.1, RFC 9700 §4.14.2), so they end together here,
//! each by an exchange that was observed.

use shared::flow::{Channel, ExchangeId, Outcome, Party, Value, ValueHash, ValueKind, ValuePlace};

use super::view::{End, EndCause, Event, ExpirySource, Life, LifeKind, LifeState, Lifetimes, Use};
use crate::jwt::Jwt;
use crate::record::parameter::ParameterPlace;
use crate::record::view::{ExchangeView, FlowView};

/// Checks that fail for what was used before: they take the grant with them.
const REPLAYED: [&str; 2] = ["code.unused", "refresh_token.current"];
/// Checks that fail for what was taken back with its grant before.
const GRANT_GONE: [&str; 2] = ["refresh_token.not_revoked", "grant.not_revoked"];
/// The check that fails for one access token that was taken back.
const TOKEN_GONE: &str = "token.active";

/// The notes of the auth server, in seconds since the epoch.
const SESSION_BEGAN: &str = "session_began_at";
const SESSION_EXPIRES: &str = "session_expires_at";
/// However much it is used.
const SESSION_LATEST: &str = "session_ends_at_latest";
/// How many clients were told that it ended.
const SESSION_ENDED: &str = "session_ended";

/// Everything of `flow` that has a lifetime, as it stands at `now` (the realm's time, seconds).
#[must_use]
pub(crate) fn lifetimes_of(flow: &FlowView, now: i64) -> Lifetimes {
    let mut reader = Reader::default();
    for exchange in &flow.exchanges {
        reader.read(exchange);
    }
    let api_asks = reader.api_asks;
    let mut lives = reader.lives;
    for life in &mut lives {
        life.state = life.state_at(now);
        life.self_contained &= !api_asks;
    }
    limits_end_with_their_sessions(&mut lives);
    Lifetimes {
        flow: flow.summary.id.clone(),
        now,
        lives,
    }
}

/// A session that is over has no time left, whatever its second limit says.
fn limits_end_with_their_sessions(lives: &mut [Life]) {
    let over =
        |life: &&Life| life.kind == LifeKind::LoginSession && life.state == LifeState::Expired;
    let over: Vec<i64> = lives
        .iter()
        .filter(over)
        .map(|life| life.issued.at)
        .collect();
    for life in lives {
        if life.kind == LifeKind::SessionLimit && over.contains(&life.issued.at) {
            life.state = LifeState::Expired;
        }
    }
}

/// What is known so far.
#[derive(Default)]
struct Reader {
    lives: Vec<Life>,
    grants: usize,
    /// Whether the resource server was seen asking what a token is worth (RFC 7662): then a revocation reaches it.
    api_asks: bool,
}

impl Reader {
    fn read(&mut self, exchange: &ExchangeView) {
        if exchange.to != Party::AuthServer && exchange.to != Party::ResourceServer {
            return;
        }
        self.session(exchange);
        let presented = self.presented(exchange);
        self.refused(exchange, &presented);
        match exchange.path.as_str() {
            "/revoke" => self.revoked(exchange, &presented),
            "/introspect" => self.api_asks |= exchange.from == Party::ResourceServer,
            // A poll before anybody decided is answered with "not yet": neither taken nor refused (RFC 8628 §3.5).
            "/token" if is_not_yet(exchange) => {}
            "/device_authorization" => self.device_answer(exchange),
            "/token" if exchange.to == Party::AuthServer => self.token_answer(exchange, &presented),
            _ => self.used(exchange, &presented),
        }
        if exchange.to == Party::AuthServer && exchange.channel == Channel::Front {
            self.redirected(exchange);
        }
    }

    /// Which lives the request carries, by their place in the list.
    fn presented(&self, exchange: &ExchangeView) -> Vec<usize> {
        let mut found = Vec::new();
        for value in exchange.values.iter().filter(|value| is_sent(value.place)) {
            // A token to be revoked comes without its kind: only the value itself tells.
            if let Some(at) = self.find(&value.hash)
                && !found.contains(&at)
            {
                found.push(at);
            }
        }
        found
    }

    fn find(&self, hash: &ValueHash) -> Option<usize> {
        self.lives
            .iter()
            .position(|life| life.hash.as_ref() == Some(hash))
    }

    // --- what was issued

    /// Tokens that an answer of `/token` brought, and what became of what was given for them.
    fn token_answer(&mut self, exchange: &ExchangeView, presented: &[usize]) {
        let accepted = is_success(exchange);
        let grant = presented
            .iter()
            .find_map(|at| self.lives.get(*at))
            .map(|life| life.grant);
        for at in presented {
            self.use_of(*at, exchange, accepted);
        }
        if !accepted {
            return;
        }
        let grant = grant.unwrap_or_else(|| self.new_grant());
        let rotated = presented.iter().copied().find(|at| {
            let life = self.lives.get(*at);
            life.is_some_and(|life| life.kind == LifeKind::RefreshToken)
        });
        let mut successor = false;
        for value in in_answer(exchange, ValuePlace::ResponseBody) {
            let follows = rotated
                .filter(|_| value.kind == ValueKind::RefreshToken)
                .and_then(|at| self.lives.get(at))
                .filter(|old| old.hash.as_ref() != Some(&value.hash))
                .map(|old| old.id.clone());
            successor |= follows.is_some();
            self.issue(exchange, value, grant, follows);
        }
        for at in presented {
            let cause = match self.lives.get(*at).map(|life| life.kind) {
                Some(LifeKind::Code | LifeKind::DeviceCode) => EndCause::Redeemed,
                Some(LifeKind::RefreshToken) if successor => EndCause::Rotated,
                _ => continue,
            };
            self.end(*at, exchange, cause, None);
        }
    }

    /// The device code that a device is given (RFC 8628 §3.2).
    fn device_answer(&mut self, exchange: &ExchangeView) {
        let grant = self.new_grant();
        for value in in_answer(exchange, ValuePlace::ResponseBody) {
            self.issue(exchange, value, grant, None);
        }
    }

    /// A code or, in the implicit grant, tokens that the browser is sent on with.
    fn redirected(&mut self, exchange: &ExchangeView) {
        let mut grant = None;
        for place in [ValuePlace::RedirectQuery, ValuePlace::RedirectFragment] {
            let issued = in_answer(exchange, place).filter(|value| kind_of(value.kind).is_some());
            for value in issued {
                let grant = *grant.get_or_insert_with(|| self.new_grant());
                self.issue(exchange, value, grant, None);
            }
        }
    }

    fn new_grant(&mut self) -> usize {
        self.grants = self.grants.saturating_add(1);
        self.grants
    }

    /// Takes in a value that was issued, unless it is known: an answer that was lost is given again.
    fn issue(
        &mut self,
        exchange: &ExchangeView,
        value: &Value,
        grant: usize,
        follows: Option<String>,
    ) {
        let Some(kind) = kind_of(value.kind) else {
            return;
        };
        if self.find(&value.hash).is_some() {
            return;
        }
        let known = expiry_of(exchange, kind);
        let life = self.life(kind, event(exchange), grant);
        self.lives.push(Life {
            hash: Some(value.hash.clone()),
            expires_at: known.map(|(at, _)| at),
            expiry_from: known.map(|(_, source)| source),
            self_contained: kind == LifeKind::AccessToken && is_jwt(exchange),
            follows,
            ..life
        });
    }

    fn life(&self, kind: LifeKind, issued: Event, grant: usize) -> Life {
        let earlier = self.lives.iter().filter(|life| life.kind == kind).count();
        let number = earlier.saturating_add(1);
        Life {
            id: format!("{}-{number}", kind.name()),
            kind,
            number,
            hash: None,
            issued,
            expires_at: None,
            expiry_from: None,
            state: LifeState::Live,
            end: None,
            ended_before: None,
            self_contained: false,
            uses: Vec::new(),
            grant,
            follows: None,
        }
    }

    // --- what became of it

    fn used(&mut self, exchange: &ExchangeView, presented: &[usize]) {
        for at in presented {
            self.use_of(*at, exchange, is_success(exchange));
        }
    }

    fn use_of(&mut self, at: usize, exchange: &ExchangeView, accepted: bool) {
        if let Some(life) = self.lives.get_mut(at) {
            let event = event(exchange);
            life.uses.push(Use { event, accepted });
        }
    }

    /// The client took a token back: with a refresh token goes its whole grant (RFC 7009 §2.1).
    fn revoked(&mut self, exchange: &ExchangeView, presented: &[usize]) {
        if !is_success(exchange) {
            return;
        }
        for at in presented.iter().copied() {
            let Some(life) = self.lives.get(at) else {
                continue;
            };
            let (kind, grant, id) = (life.kind, life.grant, life.id.clone());
            self.end(at, exchange, EndCause::Revoked, None);
            if kind == LifeKind::RefreshToken {
                let with_it = EndCause::RevokedWithGrant;
                self.end_grant(grant, exchange, with_it, Some(&id));
            }
        }
    }

    /// What a refusal says of what was presented.
    fn refused(&mut self, exchange: &ExchangeView, presented: &[usize]) {
        let failed = |ids: &[&str]| {
            let mut checks = exchange.checks.iter();
            checks.any(|check| check.outcome == Outcome::Failed && ids.contains(&check.id.as_str()))
        };
        let [replayed, gone] = [failed(&REPLAYED), failed(&GRANT_GONE)];
        let token_gone = failed(&[TOKEN_GONE]);
        for at in presented.iter().copied() {
            let Some((grant, kind, id)) = self
                .lives
                .get(at)
                .map(|life| (life.grant, life.kind, life.id.clone()))
            else {
                continue;
            };
            if replayed {
                self.end(at, exchange, EndCause::Replayed, None);
                self.end_grant(grant, exchange, EndCause::FamilyKilled, Some(&id));
            } else if gone {
                self.end(at, exchange, EndCause::FoundRevoked, None);
                let with_it = EndCause::RevokedWithGrant;
                self.end_grant(grant, exchange, with_it, Some(&id));
            } else if token_gone && kind == LifeKind::AccessToken {
                self.end(at, exchange, EndCause::FoundRevoked, None);
            }
        }
    }

    /// Ends everything of a grant that the auth server can take back: an ID token is a statement, not a key.
    fn end_grant(
        &mut self,
        grant: usize,
        exchange: &ExchangeView,
        cause: EndCause,
        killer: Option<&str>,
    ) {
        for at in 0..self.lives.len() {
            let revocable = self.lives.get(at).is_some_and(|life| {
                let key = matches!(life.kind, LifeKind::AccessToken | LifeKind::RefreshToken);
                key && life.grant == grant
            });
            if revocable {
                self.end(at, exchange, cause, killer);
            }
        }
    }

    fn end(&mut self, at: usize, exchange: &ExchangeView, cause: EndCause, killer: Option<&str>) {
        let Some(life) = self.lives.get_mut(at) else {
            return;
        };
        if life
            .end
            .as_ref()
            .is_some_and(|end| !cause.outranks(end.cause))
        {
            return;
        }
        // A rotation stays known: who held the token afterwards held one that had a successor.
        if let Some(rotated) = life.end.take_if(|end| end.cause == EndCause::Rotated) {
            life.ended_before = Some(rotated);
        }
        life.end = Some(End {
            event: event(exchange),
            cause,
            killer: killer
                .filter(|killer| *killer != life.id)
                .map(str::to_owned),
        });
    }

    // --- the login session, whose cookie nobody records

    /// What the auth server noted of the session in which it answered.
    fn session(&mut self, exchange: &ExchangeView) {
        let (Some(began), Some(expires)) = (
            note(exchange, SESSION_BEGAN),
            note(exchange, SESSION_EXPIRES),
        ) else {
            return;
        };
        let limits = [
            (LifeKind::LoginSession, Some(expires)),
            (LifeKind::SessionLimit, note(exchange, SESSION_LATEST)),
        ];
        // Only the auth server knows: a link may have asked for it, and a person may have said no.
        let signs_out = exchange.path == "/logout" && exchange.notes.contains_key(SESSION_ENDED);
        for (kind, limit) in limits {
            let Some(limit) = limit else { continue };
            let at = self.session_life(kind, began, exchange);
            if signs_out {
                self.end(at, exchange, EndCause::SignedOut, None);
            } else if let Some(life) = self.lives.get_mut(at) {
                life.expires_at = Some(limit);
                life.expiry_from = Some(ExpirySource::Note);
            }
        }
    }

    /// The life of one limit of the session that began then.
    fn session_life(&mut self, kind: LifeKind, began: i64, exchange: &ExchangeView) -> usize {
        let is_it = |life: &Life| life.kind == kind && life.issued.at == began;
        self.lives.iter().position(is_it).unwrap_or_else(|| {
            let issued = Event {
                at: began,
                exchange: exchange.id.clone(),
            };
            let life = self.life(kind, issued, 0);
            self.lives.push(life);
            self.lives.len().saturating_sub(1)
        })
    }
}

fn event(exchange: &ExchangeView) -> Event {
    Event {
        at: exchange.realm_time,
        exchange: ExchangeId::clone(&exchange.id),
    }
}

fn is_success(exchange: &ExchangeView) -> bool {
    exchange
        .status
        .is_some_and(|status| (200..400).contains(&status))
}

/// Whether the answer says that a person has not decided yet (RFC 8628 §3.5).
fn is_not_yet(exchange: &ExchangeView) -> bool {
    let error = answered(exchange, "error");
    matches!(error, Some("authorization_pending" | "slow_down"))
}

/// Whether a value at this place was sent to the server that answers.
const fn is_sent(place: ValuePlace) -> bool {
    matches!(
        place,
        ValuePlace::RequestQuery | ValuePlace::RequestHeader | ValuePlace::RequestBody
    )
}

fn in_answer(exchange: &ExchangeView, place: ValuePlace) -> impl Iterator<Item = &Value> {
    let values = exchange.values.iter();
    values.filter(move |value| value.place == place)
}

const fn kind_of(kind: ValueKind) -> Option<LifeKind> {
    Some(match kind {
        ValueKind::Code => LifeKind::Code,
        ValueKind::DeviceCode => LifeKind::DeviceCode,
        ValueKind::AccessToken => LifeKind::AccessToken,
        ValueKind::RefreshToken => LifeKind::RefreshToken,
        ValueKind::IdToken => LifeKind::IdToken,
        _ => return None,
    })
}

/// When what `exchange` issued expires, and how that is known.
fn expiry_of(exchange: &ExchangeView, kind: LifeKind) -> Option<(i64, ExpirySource)> {
    let (token, fallback) = match kind {
        LifeKind::Code => return noted(exchange, "code_expires_at"),
        LifeKind::DeviceCode => return noted(exchange, "device_code_expires_at"),
        LifeKind::RefreshToken => return noted(exchange, "refresh_token_expires_at"),
        LifeKind::LoginSession | LifeKind::SessionLimit => return None,
        LifeKind::IdToken => ("id_token", noted(exchange, "id_token_expires_at")),
        LifeKind::AccessToken => ("access_token", expires_in(exchange)),
    };
    let claims = answered(exchange, token).and_then(Jwt::decode);
    let own = claims.and_then(|jwt| jwt.seconds("exp"));
    own.map(|at| (at, ExpirySource::Exp)).or(fallback)
}

fn expires_in(exchange: &ExchangeView) -> Option<(i64, ExpirySource)> {
    let seconds: i64 = answered(exchange, "expires_in")?.parse().ok()?;
    let at = exchange.realm_time.saturating_add(seconds.max(0));
    Some((at, ExpirySource::ExpiresIn))
}

/// Whether the access token of the answer is a JWT, by its own form.
fn is_jwt(exchange: &ExchangeView) -> bool {
    answered(exchange, "access_token").is_some_and(|token| Jwt::decode(token).is_some())
}

fn noted(exchange: &ExchangeView, name: &str) -> Option<(i64, ExpirySource)> {
    Some((note(exchange, name)?, ExpirySource::Note))
}

fn note(exchange: &ExchangeView, name: &str) -> Option<i64> {
    exchange.notes.get(name)?.parse().ok()
}

/// A parameter of the answer: its JSON or its redirect.
fn answered<'e>(exchange: &'e ExchangeView, name: &str) -> Option<&'e str> {
    use ParameterPlace::{RedirectFragment, RedirectQuery, ResponseBody};
    let mut parameters = exchange.parameters.iter();
    let found = parameters.find(|parameter| {
        let place = parameter.place;
        let answer = [RedirectFragment, RedirectQuery, ResponseBody].contains(&place);
        answer && parameter.name == name
    });
    found.map(|parameter| parameter.value.as_str())
}
