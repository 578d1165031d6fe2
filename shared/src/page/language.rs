//! The language switch: `GET {base}/language/{tag}?return_to=/path` remembers the choice in a
//! cookie and returns to the page. It returns to paths of this server only (RFC 9700 §4.11.1: no
//! open redirectors).

use actix_web::{HttpResponse, http::header, web};
use serde::Deserialize;

use super::FrameConfig;
use super::settings::remembered;
use super::text::{LANGUAGE_COOKIE, Language};

/// The query of the language switch.
#[derive(Debug, Deserialize)]
pub struct LanguageQuery {
    /// The path (and query) to return to; anything that is not local returns to `/`.
    return_to: Option<String>,
}

/// The path of the route: it may lie under `/r/{realm}`.
#[derive(Debug, Deserialize)]
pub struct LanguagePath {
    /// A BCP 47 tag.
    tag: String,
}

/// Sets the language and answers 303 to where the reader was; 404 for a language we don't speak.
///
/// [`super::routes`] mounts it.
pub async fn language_route(
    path: web::Path<LanguagePath>,
    query: web::Query<LanguageQuery>,
    config: web::Data<FrameConfig>,
) -> HttpResponse {
    let Some(language) = Language::from_tag(&path.tag) else {
        return HttpResponse::NotFound()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body("no such language\n");
    };
    let return_to = query
        .return_to
        .as_deref()
        .filter(|path| is_local(path))
        .unwrap_or("/");
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, return_to))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .cookie(remembered(
            config.cookies(),
            LANGUAGE_COOKIE,
            language.tag(),
        ))
        .finish()
}

/// Whether a redirect to `path` certainly stays on this origin: one leading slash, and nothing that
/// a browser drops or turns into another one.
#[must_use]
pub fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        http::StatusCode,
        test::{TestRequest, call_service, init_service},
    };

    use super::*;
    use crate::page::Service;
    use crate::page::samples::config;

    #[test]
    fn only_local_paths_are_returned_to() {
        for good in [
            "/",
            "/login?request=abc",
            "/r/x/flows/1#a",
            "/a?b=https://c",
        ] {
            assert!(is_local(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/a\r\nb",
            "javascript:1",
        ] {
            assert!(!is_local(bad), "{bad}");
        }
    }

    #[actix_web::test]
    async fn the_choice_is_remembered_and_the_reader_returns() {
        let app = App::new()
            .app_data(web::Data::from(config(Service::AuthServer)))
            .configure(crate::page::routes)
            .service(web::scope("/r/{realm}").configure(crate::page::routes));
        let app = init_service(app).await;
        let cases = [
            ("/language/zh-CN?return_to=%2Fflows%3Fa%3Db", "/flows?a=b"),
            ("/r/x/language/zh-CN?return_to=%2Fr%2Fx%2F", "/r/x/"),
            ("/language/zh-CN?return_to=%2F%2Fevil.example", "/"),
            ("/language/zh-CN", "/"),
        ];
        for (uri, location) in cases {
            let answer = call_service(&app, TestRequest::get().uri(uri).to_request()).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{uri}");
            assert_eq!(
                answer.headers().get(header::LOCATION).unwrap(),
                location,
                "{uri}"
            );
            let cookie = answer.response().cookies().next().unwrap();
            assert_eq!((cookie.name(), cookie.value()), (LANGUAGE_COOKIE, "zh-CN"));
            assert_eq!(cookie.path(), Some("/"));
        }
        let unknown = TestRequest::get().uri("/language/tlh").to_request();
        assert_eq!(
            call_service(&app, unknown).await.status(),
            StatusCode::NOT_FOUND
        );
    }
}
