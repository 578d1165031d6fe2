//! The query and form parser (RFC 6749 Appendix B): whatever it reads, written again, it reads the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::oauth::Params;

fuzz_target!(|text: &[u8]| {
    let Ok(params) = Params::parse(text) else {
        return;
    };
    let written = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params.iter())
        .finish();
    let again = Params::parse(written.as_bytes()).expect("what was written can be read");
    let pairs = |params: &Params| -> Vec<(String, String)> {
        let pairs = params.iter();
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    assert_eq!(pairs(&params), pairs(&again));
    for (index, (name, _)) in pairs(&params).iter().enumerate() {
        assert!(
            pairs(&params)[..index].iter().all(|(other, _)| other != name),
            "{name} twice (RFC 6749 §3.1)"
        );
    }
});
