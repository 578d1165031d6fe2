//! The viewer's promises that need no server: every verdict and every party has its words in both languages.

use std::sync::Arc;

use shared::page::{Assets, Frame, FrameConfig, Language, Service, Texts, key_of};
use shared::realm::{Addresses, RealmName};

use crate::record::flow::Grant;
use crate::record::verdict;

fn frame(language: Language) -> Frame {
    let config = FrameConfig {
        service: Service::ClientApp,
        addresses: Addresses::default(),
        texts: Texts::load().unwrap(),
        assets: Assets::new(),
        demo: true,
    };
    Frame::for_path(
        Arc::new(config),
        language,
        RealmName::default_realm(),
        "/flows",
    )
}

#[test]
fn every_verdict_and_grant_has_its_words() {
    for language in Language::ALL {
        let frame = frame(language);
        for (id, judgement) in verdict::ALL {
            assert!(frame.find(key_of("verdict", id)).is_some(), "{id}");
            assert!(frame.find(key_of("outcome", judgement.name())).is_some());
        }
        for grant in Grant::ALL {
            assert!(
                frame.find(key_of("grant-name", grant.name())).is_some(),
                "{}",
                grant.name()
            );
        }
    }
}
