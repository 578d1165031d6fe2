//! A page with every component on it: proves that the layout and the macros render in every
//! language. With `PAGE_SAMPLES=some/folder` in the environment it is also written there, to be
//! looked at in a browser (with `app.css` beside it).

use std::{fs, path::Path, sync::Arc};

use actix_web::{
    App, HttpResponse,
    http::StatusCode,
    test::{TestRequest, call_service, init_service, read_body},
    web,
};
use askama::Template;

use crate::realm::Addresses;

use super::{Assets, Frame, FrameConfig, Language, Service, Texts, Tone};

#[derive(Template)]
#[template(path = "sample.html")]
struct Sample {
    frame: Frame,
    token: [&'static str; 3],
    response: &'static str,
}

/// What every frame of a service's pages is made with, in the tests of this folder.
pub(super) fn config(service: Service) -> Arc<FrameConfig> {
    Arc::new(FrameConfig {
        service,
        addresses: Addresses::default(),
        texts: Texts::load().unwrap(),
        assets: Assets::new(),
        demo: true,
    })
}

fn sample(service: Service, language: Language, realm: &str) -> String {
    let frame = Frame::for_path(
        config(service),
        language,
        realm.parse().unwrap(),
        "/flows?grant=code&x=1",
    )
    .with_notice(Tone::Success, "Alice & Bob <3");
    let token = [
        "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9",
        "eyJpc3MiOiJodHRwOi8vbG9jYWxob3N0OjkwMDAi",
        "MEUCIQDx",
    ];
    let response = "HTTP/1.1 200 OK\nCache-Control: no-store\n\n{\n  \"access_token\": \"eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJodHRwOi8vbG9jYWxob3N0OjkwMDAifQ.MEUC\",\n  \"token_type\": \"Bearer\"\n}";
    Sample {
        frame,
        token,
        response,
    }
    .render()
    .unwrap()
}

#[test]
fn the_sample_page_renders_in_every_language_and_escapes() {
    for service in Service::ALL {
        for language in Language::ALL {
            let page = sample(service, language, "default");
            assert!(page.contains(&format!("<html lang=\"{}\"", language.tag())));
            assert!(
                page.contains("Alice &#38; Bob &#60;3"),
                "values are escaped"
            );
            if let Some(folder) = std::env::var_os("PAGE_SAMPLES") {
                let file = format!("{}.{}.html", service.name(), language.tag());
                let page = page.replace(&Assets::new().url("app.css"), "app.css");
                fs::write(Path::new(&folder).join(file), page).unwrap();
            }
        }
    }
}

#[test]
fn links_stay_in_the_realm_and_the_switch_returns() {
    let page = sample(Service::AuthServer, Language::En, "workshop");
    assert!(page.contains("http://localhost:8080/r/workshop/"));
    assert!(page.contains("localhost:9000/r/workshop"));
    assert!(page.contains("/r/workshop/language/zh-CN?return_to=%2Fflows%3Fgrant%3Dcode%26x%3D1"));
}

#[actix_web::test]
async fn a_service_serves_pages_in_the_readers_language_and_keeps_them_from_caches() {
    async fn page(frame: Frame) -> HttpResponse {
        let sample = Sample {
            frame,
            token: [""; 3],
            response: "",
        };
        super::html(&sample, StatusCode::OK)
    }
    let app = App::new()
        .app_data(web::Data::from(config(Service::ClientApp)))
        .configure(super::asset_routes)
        .route("/r/{realm}/", web::get().to(page));
    let app = init_service(app).await;

    let request = TestRequest::get()
        .uri("/r/x/")
        .insert_header(("Accept-Language", "zh-CN,zh;q=0.9"));
    let answer = call_service(&app, request.to_request()).await;
    assert_eq!(answer.headers().get("Cache-Control").unwrap(), "no-store");
    assert_eq!(
        answer.headers().get("Content-Type").unwrap(),
        "text/html; charset=utf-8"
    );
    let body = String::from_utf8(read_body(answer).await.to_vec()).unwrap();
    assert!(body.contains("客户端应用") && body.contains("localhost:8080/r/x"));

    let style = TestRequest::get()
        .uri(&Assets::new().url("app.css"))
        .to_request();
    let answer = call_service(&app, style).await;
    assert_eq!(
        answer.headers().get("Content-Type").unwrap(),
        "text/css; charset=utf-8"
    );
    assert!(
        answer
            .headers()
            .get("Cache-Control")
            .unwrap()
            .to_str()
            .unwrap()
            .contains("immutable")
    );

    let stale = TestRequest::get().uri("/assets/app.0.css").to_request();
    assert_eq!(
        call_service(&app, stale).await.status(),
        StatusCode::NOT_FOUND
    );
}
