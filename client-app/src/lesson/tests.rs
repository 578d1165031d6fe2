//! Every lesson renders in every language, says nothing that no file has, and no file has a sentence that no
//! lesson says; predicates and questions fit together.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use shared::page::{Assets, Frame, FrameConfig, Language, Service, Texts};
use shared::realm::{Addresses, RealmName};

use super::catalog;
use super::learner::Learner;
use super::page::LessonPage;
use super::shape::{Lead, Lesson};
use crate::server::test_state;

fn frame(language: Language) -> Frame {
    let config = FrameConfig {
        service: Service::ClientApp,
        addresses: Addresses::default(),
        texts: Texts::load().unwrap(),
        assets: Assets::new(),
        demo: true,
    };
    let realm = RealmName::default_realm();
    Frame::for_path(Arc::new(config), language, realm, "/lessons/pkce")
}

/// The keys of the sentences that a lesson may say, as far as they are there.
fn said(frame: &Frame, lesson: &Lesson) -> BTreeSet<String> {
    let key = |part: String| format!("lesson-{}-{part}", lesson.name);
    let mut keys: BTreeSet<String> = ["title", "lead"]
        .map(|part| key(part.to_owned()))
        .into_iter()
        .collect();
    for (part, count) in [
        ("arrow", lesson.figure.len()),
        ("break", lesson.breaks.len()),
        ("compare", lesson.compares.len()),
        ("look", lesson.looks.len()),
    ] {
        for number in 1..=count {
            keys.insert(key(format!("{part}-{number}")));
            if part == "look" {
                keys.insert(key(format!("{part}-{number}-answer")));
            }
        }
    }
    for moment in lesson.moments {
        keys.insert(key(format!("see-{}", moment.name)));
    }
    for section in ["why", "who", "how", "wrong", "modern"] {
        let numbered = (1..).map(|number| key(format!("{section}-{number}")));
        keys.extend(numbered.take_while(|key| frame.has(key)));
    }
    keys
}

#[actix_web::test]
async fn every_lesson_renders_in_every_language() {
    let state = test_state().await;
    let realm = RealmName::default_realm();
    let learner = Learner::of(&state, &realm, (None, None));
    for language in Language::ALL {
        for lesson in catalog::ALL {
            let page = LessonPage::new(frame(language), lesson, &learner);
            let html = page.render().unwrap();
            assert!(!html.contains("{lesson-"), "{}: {html}", lesson.name);
            assert!(html.contains("rfc-editor.org"), "{} cites", lesson.name);
            assert!(!html.contains('`'), "{}: a lone backtick", lesson.name);
        }
    }
}

#[test]
fn the_files_have_the_sentences_of_the_lessons_and_no_others() {
    let frame = frame(Language::En);
    let wanted: BTreeSet<String> = catalog::ALL
        .iter()
        .flat_map(|lesson| said(&frame, lesson))
        .collect();
    let file = include_str!("../../../shared/locales/en/lessons.ftl");
    let lessons: Vec<String> = catalog::ALL
        .iter()
        .map(|lesson| format!("lesson-{}-", lesson.name))
        .collect();
    let there: BTreeSet<String> = file
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key.to_owned())
        .filter(|key| lessons.iter().any(|prefix| key.starts_with(prefix)))
        .collect();
    assert_eq!(wanted, there);
}

#[test]
fn a_question_about_a_moment_names_one_of_its_lesson() {
    for lesson in catalog::ALL {
        for lead in lesson.looks.iter().chain(lesson.breaks) {
            if let Lead::Moment(name) = lead {
                let known = lesson.moments.iter().any(|moment| moment.name == *name);
                assert!(known, "{}: {name}", lesson.name);
            }
        }
    }
}
