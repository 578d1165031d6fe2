//! The harness itself: a check that cannot fail proves nothing, so each of its checks is shown to fail here.

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use shared::realm::Addresses;

use super::support::Browser;

const SOUND: &str = "<header></header><nav></nav><main><h1>Sound</h1></main><footer></footer>";

/// A server of its own that answers `/` with this body.
fn serve(body: &str) -> (ServerHandle, Addresses) {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>A page</title><link rel=icon href=data:,>{body}"
    );
    let server = HttpServer::new(move || {
        let page = page.clone();
        let answer = move || {
            let policy = "script-src 'self'; style-src 'self'";
            let answer = HttpResponse::Ok()
                .content_type("text/html")
                .insert_header(("content-security-policy", policy))
                .body(page.clone());
            std::future::ready(answer)
        };
        App::new().route("/", web::get().to(answer))
    });
    let server = server.workers(1).bind(("127.0.0.1", 0)).expect("a port");
    let port = server.addrs()[0].port();
    let running = server.run();
    let handle = running.handle();
    actix_web::rt::spawn(running);
    (handle, Addresses::localhost(port, port, port))
}

/// What is unsound about a page, and what the browser complained about.
async fn judge(body: &str) -> (Vec<String>, Vec<String>) {
    let (server, addresses) = serve(body);
    let browser = Browser::new(&addresses).await;
    browser.open(&addresses.client_app).await;
    let unsound = browser.unsound().await;
    let complaints = browser.complaints().await;
    server.stop(false).await;
    (unsound, complaints)
}

#[actix_web::test]
async fn a_sound_page_passes() {
    assert_eq!(judge(SOUND).await, (Vec::new(), Vec::new()));
}

#[actix_web::test]
async fn an_unsound_page_is_noticed() {
    let body = "<main><h1>One</h1><h1>Two</h1><h4>Deep</h4><input id=a><button id=a></button><img src='data:,' tabindex=2>\
                <p>{no-such-key}</p><pre>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</pre></main>";
    let unsound = judge(body).await.0.join("\n");
    for sentence in [
        "2 first headings",
        "no footer",
        "jumps from 1 to 4",
        "no label",
        "no name",
        "no alternative",
        "above 0",
        "an id twice",
        "not finished: {no-such-key}",
        "390 pixels: 5",
    ] {
        assert!(unsound.contains(sentence), "{sentence}: {unsound}");
    }
}

#[actix_web::test]
async fn a_serious_finding_of_axe_is_noticed() {
    if std::env::var_os("AXE").is_none() {
        return;
    }
    let body = format!("{SOUND}<p><font color='#eeeeee'>pale</font></p>");
    let unsound = judge(&body).await.0.join("\n");
    assert!(unsound.contains("axe color-contrast"), "{unsound}");
}

#[actix_web::test]
async fn a_request_to_a_fourth_server_is_noticed() {
    let body = format!("{SOUND}<img alt='' src='http://127.0.0.1:9/pixel.png'>");
    let complaints = judge(&body).await.1.join("\n");
    assert!(complaints.contains("asks another server: http://127.0.0.1:9/pixel.png"));
}

#[actix_web::test]
async fn a_missing_part_and_a_refused_script_are_noticed() {
    let body = format!("{SOUND}<img alt='' src='/missing.png'><script>document.title='';</script>");
    let complaints = judge(&body).await.1.join("\n");
    assert!(
        complaints.contains("/missing.png answers 404"),
        "{complaints}"
    );
    assert!(
        complaints.contains("Content Security Policy"),
        "{complaints}"
    );
}
