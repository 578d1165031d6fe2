//! Basic credentials (RFC 7617, RFC 6749 §2.3.1): any header is read without a panic; whatever identifier and secret a
//! client has, encoded as the RFC says they come out as they went in; and two proofs are never taken for one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shared::oauth::Params;
use shared::observe::Observation;
use url::form_urlencoded::{byte_serialize, parse};

use crate::client::authentication::{ClientAuthError, Credentials, basic};

pub(super) fn hold(text: &str) {
    if let Some((id, secret)) = basic(text) {
        agree(text, &id, &secret);
        assert_eq!(basic(&header(&id, &secret)), Some((id, secret)));
    }
    let (id, secret) = text.split_once('\n').unwrap_or((text, ""));
    // RFC 6749 Appendix A.1 and A.2: neither holds a NUL.
    let expected = (!text.contains('\0')).then(|| (id.to_owned(), secret.to_owned()));
    assert_eq!(basic(&header(id, secret)), expected);
    single_proof(id, secret);
}

/// Identifier and secret as RFC 6749 §2.3.1 wants them.
fn header(id: &str, secret: &str) -> String {
    let form = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", form(id), form(secret));
    format!("Basic {}", STANDARD.encode(pair))
}

/// The form decoder of another crate reads the same.
fn agree(header: &str, id: &str, secret: &str) {
    let encoded = header.split_once(' ').map(|(_, encoded)| encoded.trim());
    let decoded = STANDARD.decode(encoded.unwrap_or_default());
    let decoded = decoded.unwrap_or_default();
    let mut halves = decoded.splitn(2, |byte| *byte == b':');
    for read in [id, secret] {
        let half = halves.next().unwrap_or_default();
        // An ampersand or an equals sign would end a value; here it is one.
        let whole: Vec<u8> = half
            .iter()
            .flat_map(|byte| match byte {
                b'&' => b"%26".to_vec(),
                other => vec![*other],
            })
            .collect();
        let oracle = parse(&[b"x=", whole.as_slice()].concat())
            .next()
            .map(|(_, value)| value.into_owned());
        assert_eq!(oracle.as_deref(), Some(read));
    }
}

/// RFC 6749 §2.3: a request with a header (the first line) and a form (the rest) has one proof, or is refused.
fn single_proof(header: &str, form: &str) {
    let Ok(params) = Params::parse(form.as_bytes()) else {
        return;
    };
    let headers: Vec<String> = [header]
        .into_iter()
        .filter(|header| !header.is_empty())
        .map(str::to_owned)
        .collect();
    let proofs = [
        !headers.is_empty(),
        params.get("client_secret").is_some(),
        params.get("client_assertion").is_some(),
    ];
    let read = Credentials::read(&headers, &params, &Observation::nowhere());
    if proofs.iter().filter(|proof| **proof).count() > 1 {
        assert!(matches!(read, Err(ClientAuthError::TwoMethods)), "{read:?}");
    }
    if proofs == [false, false, false] {
        assert_eq!(read.is_ok(), params.get("client_id").is_some());
    }
}
