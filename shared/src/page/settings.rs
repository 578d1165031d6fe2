//! Settings of the reader: theme, text size and language, remembered in cookies that all three services read.
//!
//! `GET {base}/settings?theme=dark&text=large&lang=zh-CN` only proposes: the page shows itself in the proposed
//! language, theme and size, says that nothing has changed yet, and one press of *Apply* (`POST`) sets the cookies. So a link
//! can carry settings to thirty people, while a picture, a prefetch or a page of somebody else that merely loads the
//! address changes nothing. No secret can stand in it: every value is one of a short list, and anything else is
//! ignored. Cookies know no port, so the services of one host share them.

use actix_web::cookie::{Cookie, time::Duration};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame::{Frame, FrameConfig};
use super::language::is_local;
use super::notice::Tone;
use super::text::{LANGUAGE_COOKIE, Language};
use crate::serve::{Cookies, Csrf, read_body};

/// The cookie that remembers the theme.
const THEME_COOKIE: &str = "grantscope_theme";
/// The cookie that remembers the size of text.
const TEXT_COOKIE: &str = "grantscope_text";
/// The most bytes of a form.
const MAX_FORM: usize = 4 * 1024;
/// How long it may take to arrive.
const IN_TIME: std::time::Duration = std::time::Duration::from_secs(5);
/// How long settings are remembered.
const ONE_YEAR: Duration = Duration::days(365);

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system says.
    #[default]
    System,
    /// Light, whatever the system says.
    Light,
    /// Dark, whatever the system says.
    Dark,
}

/// How large text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextSize {
    /// As the browser has it.
    #[default]
    Normal,
    /// A fifth larger.
    Large,
    /// Half as large again, for a projector.
    Presenting,
}

impl Theme {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// `system`, `light` or `dark`: in cookies, links, language keys (`settings-theme-…`).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The class of `<html>`; none where the system decides.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::System => "",
            Self::Light => " theme-light",
            Self::Dark => " theme-dark",
        }
    }
}

impl TextSize {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Large, Self::Presenting];

    /// `normal`, `large` or `presenting`: in cookies, links, language keys (`settings-text-…`).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Large => "large",
            Self::Presenting => "presenting",
        }
    }

    /// The size of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.name() == name)
    }

    /// The class of `<html>`; none for the normal size.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::Large => " text-large",
            Self::Presenting => " text-presenting",
        }
    }
}

/// How one reader likes pages to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Light or dark.
    pub theme: Theme,
    /// How large text is.
    pub text_size: TextSize,
}

impl Look {
    /// As the cookies of `request` say; a value that is none of ours counts as the default.
    #[must_use]
    pub fn of(request: &HttpRequest, cookies: Cookies) -> Self {
        let value = |name| cookies.value(request, name);
        let theme = value(THEME_COOKIE).and_then(|theme| Theme::from_name(&theme));
        let size = value(TEXT_COOKIE).and_then(|size| TextSize::from_name(&size));
        Self {
            theme: theme.unwrap_or_default(),
            text_size: size.unwrap_or_default(),
        }
    }
}

/// What a link or a form says: each setting at most once, and only values that there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Proposal {
    theme: Option<Theme>,
    text_size: Option<TextSize>,
    language: Option<Language>,
}

impl Proposal {
    fn of(pairs: &[(String, String)]) -> Self {
        let value = |wanted: &str| {
            let mut pairs = pairs.iter();
            pairs
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.as_str())
        };
        Self {
            theme: value("theme").and_then(Theme::from_name),
            text_size: value("text").and_then(TextSize::from_name),
            language: value("lang").and_then(Language::from_tag),
        }
    }
}

/// A path of this server that `pairs` want to return to, if it is one.
fn return_path(pairs: &[(String, String)]) -> Option<String> {
    let mut pairs = pairs.iter();
    let (_, path) = pairs.find(|(name, _)| name == "return_to")?;
    is_local(path).then(|| path.clone())
}

/// `templates/settings.html`
#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    language: Language,
    proposed: bool,
    return_to: String,
    link: String,
}

impl SettingsPage {
    /// The three themes, and whether each is the one that is ticked.
    fn themes(&self) -> [(Theme, bool); 3] {
        Theme::ALL.map(|theme| (theme, theme == self.frame.look.theme))
    }

    /// The three sizes, and whether each is the one that is ticked.
    fn sizes(&self) -> [(TextSize, bool); 3] {
        TextSize::ALL.map(|size| (size, size == self.frame.look.text_size))
    }

    /// The languages, and whether each is the one that is ticked.
    fn languages(&self) -> [(Language, bool); 2] {
        Language::ALL.map(|language| (language, language == self.language))
    }
}

/// `GET {base}/settings`: the settings as they are, or as the query proposes them.
pub(super) async fn show(
    mut frame: Frame,
    query: web::Query<Vec<(String, String)>>,
    config: web::Data<FrameConfig>,
) -> HttpResponse {
    let proposal = Proposal::of(&query);
    let (now, language) = (frame.look, frame.chosen_language);
    let look = Look {
        theme: proposal.theme.unwrap_or(now.theme),
        text_size: proposal.text_size.unwrap_or(now.text_size),
    };
    let wanted = proposal.language.unwrap_or(language);
    let link = format!(
        "{}?theme={}&text={}&lang={}",
        config.url_of(&frame, "/settings"),
        look.theme.name(),
        look.text_size.name(),
        wanted.tag()
    );
    frame.look = look;
    let page = SettingsPage {
        language: wanted,
        proposed: look != now || wanted != language,
        return_to: return_path(&query).unwrap_or_default(),
        link,
        frame,
    };
    super::html(&page, StatusCode::OK)
}

/// `POST {base}/settings`: remembers the choice and returns to where the reader was.
pub(super) async fn apply(
    request: HttpRequest,
    frame: Frame,
    payload: web::Payload,
    config: web::Data<FrameConfig>,
) -> HttpResponse {
    let ours = Csrf::new(&[], &config.url_of(&frame, ""));
    if ours.not_foreign(&request).is_err() {
        let text = frame.t("settings-cross-site");
        let page = SettingsPage {
            language: frame.language,
            proposed: false,
            return_to: String::new(),
            link: config.url_of(&frame, "/settings"),
            frame: frame.with_notice(Tone::Error, text),
        };
        return super::html(&page, StatusCode::FORBIDDEN);
    }
    let form: Vec<(String, String)> = match read_body(payload, MAX_FORM, IN_TIME).await {
        Ok(body) => url::form_urlencoded::parse(&body).into_owned().collect(),
        Err(error) => {
            return HttpResponse::build(error.status())
                .force_close()
                .content_type("text/plain; charset=utf-8")
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .body(format!("{error}\n"));
        }
    };
    let chosen = Proposal::of(&form);
    let back = return_path(&form).unwrap_or_else(|| frame.link("/settings"));
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header((header::LOCATION, back))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    let cookies = [
        (THEME_COOKIE, chosen.theme.map(Theme::name)),
        (TEXT_COOKIE, chosen.text_size.map(TextSize::name)),
        (LANGUAGE_COOKIE, chosen.language.map(Language::tag)),
    ];
    for (name, value) in cookies {
        if let Some(value) = value {
            response.cookie(remembered(config.cookies(), name, value));
        }
    }
    response.finish()
}

/// The cookie of a choice, for a year.
pub(super) fn remembered(cookies: Cookies, name: &str, value: &str) -> Cookie<'static> {
    let mut cookie = cookies.make(name, value);
    cookie.set_max_age(ONE_YEAR);
    cookie
}

/// Where the page of the settings is, to return from it to `here`.
pub(super) fn settings_link(base: &str, here: &str) -> String {
    let here: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
    format!("{base}/settings?return_to={here}")
}

#[cfg(test)]
mod tests {
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::{App, dev::ServiceResponse};

    use super::*;
    use crate::page::Service;
    use crate::page::samples::config;

    async fn ask(request: TestRequest) -> ServiceResponse {
        let app = App::new()
            .app_data(web::Data::from(config(Service::AuthServer)))
            .configure(crate::page::routes);
        call_service(&init_service(app).await, request.to_request()).await
    }

    async fn page(request: TestRequest) -> String {
        let body = read_body(ask(request).await).await;
        String::from_utf8(body.to_vec()).unwrap()
    }

    fn cookies(answer: &ServiceResponse) -> Vec<String> {
        let set = answer.headers().get_all(header::SET_COOKIE);
        let pair = |value: &header::HeaderValue| {
            let text = value.to_str().unwrap();
            text.split(';').next().unwrap().to_owned()
        };
        set.map(pair).collect()
    }

    #[actix_web::test]
    async fn a_link_proposes_and_changes_nothing() {
        let link = "/settings?theme=dark&text=large&lang=zh-CN";
        let answer = ask(TestRequest::get().uri(link)).await;
        assert_eq!(cookies(&answer), [""; 0]);
        let html = page(TestRequest::get().uri(link)).await;
        assert!(html.contains("class=\"at-auth-server theme-dark text-large\""));
        assert!(
            html.contains("<html lang=\"zh-CN\""),
            "as whoever sent the link sees it"
        );
        assert!(html.contains("/language/en?return_to"), "{html}");
        assert!(
            html.contains(
                "http://localhost:9000/settings?theme=dark&#38;text=large&#38;lang=zh-CN"
            )
        );
    }

    #[actix_web::test]
    async fn applying_sets_what_there_is_and_returns() {
        let form = [
            ("theme", "dark"),
            ("text", "\"><script>"),
            ("lang", "zh-CN"),
            ("return_to", "/apps"),
        ];
        let answer = ask(TestRequest::post().uri("/settings").set_form(form)).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers().get(header::LOCATION).unwrap(), "/apps");
        assert_eq!(
            cookies(&answer),
            ["grantscope_theme=dark", "grantscope_lang=zh-CN"]
        );
        let form = [("theme", "light"), ("return_to", "https://evil.example")];
        let answer = ask(TestRequest::post().uri("/settings").set_form(form)).await;
        assert_eq!(answer.headers().get(header::LOCATION).unwrap(), "/settings");
    }

    #[actix_web::test]
    async fn another_site_cannot_apply() {
        let request = TestRequest::post()
            .uri("/settings")
            .insert_header(("sec-fetch-site", "cross-site"))
            .set_form([("theme", "dark")]);
        let answer = ask(request).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        assert_eq!(cookies(&answer), [""; 0]);
    }

    #[actix_web::test]
    async fn cookies_decide_and_nonsense_in_them_does_not() {
        let with = |theme, text| {
            let request = TestRequest::get().uri("/settings");
            let request = request.cookie(Cookie::new(THEME_COOKIE, theme));
            request.cookie(Cookie::new(TEXT_COOKIE, text))
        };
        let html = page(with("light", "presenting")).await;
        assert!(html.contains("class=\"at-auth-server theme-light text-presenting\""));
        let html = page(with("x\" onload=\"y", "huge")).await;
        assert!(html.contains("class=\"at-auth-server\""), "{html}");
    }
}
