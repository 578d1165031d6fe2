//! Clients as they are elsewhere: on origins of their own, in a pop-up, with a callback that sends the browser on to a
//! third origin, on the IPv6 loopback, and choosy about the origin from which an answer is posted.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::dev::ServerHandle;
use actix_web::http::header;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use shared::seed::{ClientSeed, RealmSeed};

use super::support::{Browser, World};

/// The challenge of RFC 7636, appendix B: nobody redeems these codes.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// One origin of a client's.
struct Site {
    origin: String,
    server: ServerHandle,
}

/// A page without anything from elsewhere: not even its picture in the tab.
fn page(title: &str, body: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html").body(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><link rel=icon href='data:,'><title>{title}</title>{body}"
    ))
}

/// Opens what the query names in a pop-up, and shows what the pop-up told it.
async fn opener() -> HttpResponse {
    let script = "addEventListener('message', event => { document.title = 'told ' + event.data; });\
                  document.getElementById('open').onclick = () =>\
                  open(decodeURIComponent(location.search.slice(1)), 'sign-in', 'width=500,height=600');";
    let body = format!("<button id=open>Sign in</button><script>{script}</script>");
    page("not told", &body)
}

/// Tells the opener of the window what came.
async fn popped_up() -> HttpResponse {
    let script = "document.title = opener ? 'opener' : 'no opener';\
                  if (opener) opener.postMessage(location.search, '*');";
    page("callback", &format!("<script>{script}</script>"))
}

/// Says from which origin it was posted to.
async fn posted(request: HttpRequest) -> HttpResponse {
    let origin = request.headers().get(header::ORIGIN);
    let origin = origin.and_then(|value| value.to_str().ok());
    page(&format!("from {}", origin.unwrap_or("nowhere")), "")
}

/// Sends the browser on to `third`.
fn onwards(third: &str) -> HttpResponse {
    let location = (header::LOCATION, format!("{third}/arrived"));
    HttpResponse::SeeOther().insert_header(location).finish()
}

impl Site {
    /// One on this address; its `/onwards` leads to `third`. `None` where the machine has no such address.
    fn start(address: IpAddr, third: &str) -> Option<Self> {
        let third = third.to_owned();
        let server = HttpServer::new(move || {
            let third = third.clone();
            let onwards = move || std::future::ready(onwards(&third));
            let arrived = || std::future::ready(page("arrived", ""));
            App::new()
                .route("/", web::get().to(opener))
                .route("/popped-up", web::get().to(popped_up))
                .route("/posted", web::post().to(posted))
                .route("/onwards", web::route().to(onwards))
                .route("/arrived", web::get().to(arrived))
        });
        let server = server.workers(1).bind((address, 0)).ok()?;
        let origin = format!("http://{}", server.addrs().first()?);
        let running = server.run();
        let server = running.handle();
        actix_web::rt::spawn(running);
        Some(Self { origin, server })
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

/// A browser of somebody who uses a client of this realm.
struct Visit {
    world: World,
    browser: Browser,
    issuer: String,
}

impl Visit {
    async fn to(client: ClientSeed) -> Self {
        let world = World::start().await;
        let name = "elsewhere".parse().expect("a realm's name");
        let seed = RealmSeed::demo_named(name).expect("the demo");
        let realm = world.ecosystem.realm_from(seed.with_client(client)).await;
        let issuer = realm.expect("a realm").issuer().to_owned();
        let browser = world.browser().await;
        Self {
            world,
            browser,
            issuer,
        }
    }

    /// An authorization request to answer at `callback`.
    fn request(&self, callback: &str, more: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([
            ("response_type", "code"),
            ("client_id", "elsewhere"),
            ("redirect_uri", callback),
            ("scope", "openid profile"),
            ("state", "s"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        query.extend_pairs(more);
        format!("{}/authorize?{}", self.issuer, query.finish())
    }

    async fn titled(&self, title: &str) {
        let script = format!("return document.title === '{title}'");
        self.browser.waits_until(&script).await;
    }

    /// Leaves the browser: nothing went wrong in it but that it spoke to the client's origins too.
    async fn ends(self, sites: Vec<Site>) {
        let complaints = self.browser.complaints().await;
        let own = |complaint: &String| {
            let asked = complaint.split(" asks another server: ").nth(1);
            asked.is_some_and(|url| sites.iter().any(|site| url.starts_with(&site.origin)))
        };
        let wrong: Vec<_> = complaints.iter().filter(|one| !own(one)).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        for site in sites {
            site.server.stop(false).await;
        }
        drop(self.world);
    }
}

/// The client with all these callbacks.
fn client(callbacks: &[String]) -> ClientSeed {
    let mut client = ClientSeed::public("elsewhere", "");
    client.redirect_uris = callbacks.to_vec();
    client
}

#[actix_web::test]
async fn a_pop_up_tells_its_opener_even_when_the_language_was_changed_in_it() {
    let site = Site::start(IpAddr::V4(Ipv4Addr::LOCALHOST), "").expect("a port");
    let callback = site.at("/popped-up");
    let visit = Visit::to(client(std::slice::from_ref(&callback))).await;
    let browser = &visit.browser;
    let first = browser.window().await;
    for (display, more) in [
        ("page", [("display", "page"), ("prompt", "consent")]),
        ("popup", [("display", "popup"), ("prompt", "login")]),
    ] {
        let request = visit.request(&callback, &more);
        let query: String = url::form_urlencoded::byte_serialize(request.as_bytes()).collect();
        browser.open(&format!("{}?{query}", site.at("/"))).await;
        browser.press("#open").await;
        browser.turn_to_another(&first).await;
        browser.finds("#username").await;
        if display == "page" {
            browser.press_text("简体中文").await;
            browser.finds("html[lang='zh-CN'] #username").await;
            browser.signs_in_and_allows().await;
        } else {
            browser.signs_in("alice", "alice-password").await;
        }
        visit.titled("opener").await;
        browser.close_window().await;
        browser.turn_to(&first).await;
        let told = "return document.title.startsWith('told ?code=')";
        browser.waits_until(told).await;
    }
    visit.ends(vec![site]).await;
}

#[actix_web::test]
async fn a_callback_may_send_the_browser_on_to_a_third_origin() {
    let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let third = Site::start(local, "").expect("a port");
    let site = Site::start(local, &third.origin).expect("a port");
    let (onwards, posted) = (site.at("/onwards"), site.at("/posted"));
    let mut client = client(&[onwards.clone(), posted.clone()]);
    client.post_logout_redirect_uris = vec![onwards.clone()];
    let visit = Visit::to(client).await;
    let browser = &visit.browser;
    let arrived = third.at("/arrived");
    browser.open(&visit.request(&onwards, &[])).await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&arrived).await;
    for mode in ["query", "form_post"] {
        let mode = ("response_mode", mode);
        browser
            .open(&visit.request(&onwards, &[mode, ("prompt", "consent")]))
            .await;
        browser.press("#consent-allow").await;
        browser.comes_to(&arrived).await;
        browser
            .open(&visit.request(&onwards, &[mode, ("prompt", "login")]))
            .await;
        browser.signs_in("alice", "alice-password").await;
        browser.comes_to(&arrived).await;
        browser
            .open(&visit.request(&onwards, &[mode, ("prompt", "select_account")]))
            .await;
        browser.press("#account-1").await;
        browser.comes_to(&arrived).await;
    }
    let post = [("response_mode", "form_post")];
    browser.open(&visit.request(&posted, &post)).await;
    let provider = url::Url::parse(&visit.issuer).expect("an issuer").origin();
    let from = format!("from {}", provider.ascii_serialization());
    visit.titled(&from).await;

    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("client_id", "elsewhere");
    query.append_pair("post_logout_redirect_uri", &onwards);
    let logout = format!("{}/logout?{}", visit.issuer, query.finish());
    browser.open(&logout).await;
    browser.press("#logout-confirm").await;
    browser.comes_to(&arrived).await;
    visit.ends(vec![site, third]).await;
}

#[actix_web::test]
async fn a_client_on_the_ipv6_loopback_is_answered_at_its_own_port() {
    let Some(site) = Site::start(IpAddr::V6(Ipv6Addr::LOCALHOST), "") else {
        println!("skipped: this machine has no [::1]");
        return;
    };
    // RFC 8252 §7.3: the port is chosen when it asks.
    let visit = Visit::to(client(&["http://[::1]/arrived".to_owned()])).await;
    let browser = &visit.browser;
    let callback = site.at("/arrived");
    browser.open(&visit.request(&callback, &[])).await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&callback).await;
    visit.titled("arrived").await;
    visit.ends(vec![site]).await;
}
