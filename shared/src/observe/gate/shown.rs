//! A request as those see it who decide: by the rules of the record.

use crate::control::{
    Arrival, Hold, Paused, PausedParameter, Place, StoredRequest, WaitState, parameters_of,
};
use crate::flow::redaction::HIDDEN;
use crate::observe::Observer;
use crate::observe::seen::public_url;
use crate::time::wall_clock_us;

/// A request as those see it who decide: by the rules of the record.
pub(super) fn paused_of(
    observer: &Observer,
    arrival: &Arrival,
    stored: &StoredRequest,
    hold: Hold,
) -> Paused {
    let capture = observer.capture;
    let url = capture.url(&public_url(&stored.uri.to_string(), observer));
    let total = u64::try_from(stored.body.len()).unwrap_or(u64::MAX);
    let body = capture.body(&stored.body, total, &stored.header("content-type"));
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut parameters = shown(query, Place::RequestQuery);
    let is_form = stored.is_form() && std::str::from_utf8(&stored.body).is_ok();
    if is_form {
        parameters.extend(shown(&body.text, Place::RequestBody));
    }
    let longest = i64::from(observer.controls.limits().longest.as_seconds());
    Paused {
        id: arrival.id.clone(),
        realm: arrival.realm.clone(),
        from: arrival.from.clone(),
        to: observer.party.clone(),
        channel: arrival.channel,
        method: stored.method.to_string(),
        headers: capture.headers(&stored.headers),
        path: capture.path(arrival.path.as_ref().to_owned()),
        url,
        parameters,
        body,
        is_form,
        since_us: arrival.started_us,
        until_us: wall_clock_us().saturating_add(longest.saturating_mul(1_000_000)),
        hold,
        state: WaitState::Waiting,
    }
}

fn shown(text: &str, place: Place) -> Vec<PausedParameter> {
    let parameters = parameters_of(text).into_iter().enumerate();
    parameters
        .map(|(index, (name, value))| PausedParameter {
            place,
            index,
            hidden: value == HIDDEN,
            name,
            value,
        })
        .collect()
}
