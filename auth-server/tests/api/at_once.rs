//! Limits on guesses when everything comes at once (RFC 6749 §10.7): right passwords are never refused because others
//! are on their way, and wrong ones get no further than one after another. Whoever finds no room to wait in is told to
//! come back.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use auth_server::Config;
use shared::seed::PersonSeed;
use shared::store::StoreUrl;

use crate::support::World;

/// How many come at once: ten times the limit on one account.
const CROWD: usize = 100;
/// Wrong passwords that are looked at, for one account and in all.
const PER_ACCOUNT: usize = 10;
const PER_ADDRESS: usize = 100;

/// A server on SQLite, and one on PostgreSQL where there is one.
async fn worlds(name: &str) -> Vec<World> {
    worlds_with(name, |_| {}).await
}

/// The same, with a configuration that was changed.
async fn worlds_with(name: &str, change: fn(&mut Config)) -> Vec<World> {
    let mut all = vec![World::start_with(None, change).await];
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        let url: StoreUrl = url.parse().unwrap();
        let schema = format!("at_once_{name}_{}", std::process::id());
        all.push(World::start_with(Some(url.in_schema(&schema).unwrap()), change).await);
    }
    all
}

/// The answer to a form, from its status line on. Patient, on a connection of its own.
fn post(url: &str, path: &str, cookie: &str, body: &str) -> String {
    let head = format!(
        "POST {path} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{cookie}",
        body.len()
    );
    exchange(url, &head, body)
}

/// The answer to a request whose head is given without its last lines.
fn exchange(url: &str, head: &str, body: &str) -> String {
    let authority = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    let wait = Some(Duration::from_secs(150));
    stream.set_read_timeout(wait).unwrap();
    let rest = format!("Host: {authority}\r\nConnection: close\r\n\r\n{body}");
    stream
        .write_all(format!("{head}{rest}").as_bytes())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The status of an answer, and whether it says when to come back.
fn read(answer: &str) -> (u16, bool) {
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let later = answer.to_ascii_lowercase().contains("\r\nretry-after:");
    (status, later)
}

/// A password grant's form.
fn grant(username: &str, password: &str) -> String {
    format!(
        "grant_type=password&client_id=trusted&client_secret=trusted-secret&username={username}&password={password}"
    )
}

/// The answer of the password grant: its status, and whether it was limited.
fn sign_in(url: &str, username: &str, password: &str) -> (u16, bool) {
    read(&post(url, "/token", "", &grant(username, password)))
}

/// A crowd at once.
async fn crowd<T: Send + 'static>(
    world: &World,
    one: impl Fn(&str, usize) -> T + Clone + Send + 'static,
) -> Vec<T> {
    let mut all = Vec::new();
    for number in 0..CROWD {
        let (url, one) = (world.url.clone(), one.clone());
        all.push(std::thread::spawn(move || one(&url, number)));
    }
    tokio::task::spawn_blocking(|| all.into_iter().map(|one| one.join().unwrap()).collect())
        .await
        .unwrap()
}

fn number_of(answers: &[(u16, bool)], answer: (u16, bool)) -> usize {
    answers.iter().filter(|one| **one == answer).count()
}

const GRANTED: (u16, bool) = (200, false);
const WRONG: (u16, bool) = (400, false);
const LIMITED: (u16, bool) = (400, true);
const FULL: (u16, bool) = (503, true);

#[tokio::test]
async fn a_hundred_people_sign_in_at_once_from_one_address() {
    let fifty = |config: &mut Config| {
        let people = (0..CROWD / 2).map(|number| {
            let mut person = PersonSeed::new(&format!("one-{number}"));
            person.password = "their-password".to_owned();
            person
        });
        let seed = config.seed.given.as_mut().unwrap();
        seed.realms.first_mut().unwrap().people.extend(people);
    };
    for world in worlds_with("people", fifty).await {
        let answers = crowd(&world, |url, number| {
            sign_in(url, &format!("one-{}", number / 2), "their-password")
        });
        let answers = answers.await;
        assert_eq!(number_of(&answers, GRANTED), CROWD, "{answers:?}");
    }
}

/// A form of `/login` as a browser of its own has it: its cookie, and what to send with it.
fn form(url: &str) -> (String, String) {
    let page = exchange(url, "GET /login HTTP/1.1\r\n", "");
    let after = |text: &str, mark: &str| text.split_once(mark).map(|(_, rest)| rest.to_owned());
    let cookies = page.lines().filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let is_cookie = name.eq_ignore_ascii_case("set-cookie");
        is_cookie.then(|| value.split(';').next().unwrap().to_owned())
    });
    let cookie = format!("Cookie: {}\r\n", cookies.collect::<Vec<_>>().join("; "));
    let field = after(&page, "name=\"csrf\" value=\"").unwrap();
    let token = field.split('"').next().unwrap();
    (cookie, format!("csrf={token}&username=alice&password="))
}

#[tokio::test]
async fn whoever_finds_no_room_is_told_to_come_back_and_has_not_guessed() {
    let narrow = |config: &mut Config| {
        config.limits.password_hashes = 1;
        config.limits.password_queue = 2;
    };
    for world in worlds_with("room", narrow).await {
        let answers = crowd(&world, |url, _| {
            post(url, "/token", "", &grant("alice", "alice-password"))
        });
        let answers = answers.await;
        let read: Vec<_> = answers.iter().map(|answer| read(answer)).collect();
        let (granted, full) = (number_of(&read, GRANTED), number_of(&read, FULL));
        assert!(granted > 0 && full > 0, "{read:?}");
        assert_eq!(granted + full, CROWD, "{read:?}");
        let refused = |answer: &&String| answer.contains(r#""error":"temporarily_unavailable""#);
        assert_eq!(answers.iter().filter(refused).count(), full);

        let url = world.url.clone();
        let forms =
            tokio::task::spawn_blocking(move || (0..CROWD).map(|_| form(&url)).collect::<Vec<_>>());
        let forms = std::sync::Arc::new(forms.await.unwrap());
        let pages = crowd(&world, move |url, number| {
            let (cookie, fields) = &forms[number];
            post(url, "/login", cookie, &format!("{fields}alice-password"))
        });
        let pages = pages.await;
        let read: Vec<_> = pages.iter().map(|page| self::read(page)).collect();
        let (entered, full) = (number_of(&read, (303, false)), number_of(&read, FULL));
        assert!(entered > 0 && full > 0, "{read:?}");
        assert_eq!(entered + full, CROWD, "{read:?}");
        let says_so = |page: &&String| page.contains("Your password has not been looked at.");
        assert_eq!(pages.iter().filter(says_so).count(), full);

        // Whoever was sent away has not guessed, however often.
        let wrong = crowd(&world, |url, _| sign_in(url, "alice", "guess")).await;
        let looked_at = number_of(&wrong, WRONG);
        assert!(looked_at <= PER_ACCOUNT, "{wrong:?}");
        let (limited, full) = (number_of(&wrong, LIMITED), number_of(&wrong, FULL));
        assert_eq!(looked_at + limited + full, CROWD, "{wrong:?}");
        let url = world.url.clone();
        let one_by_one = tokio::task::spawn_blocking(move || {
            let all = (looked_at..PER_ACCOUNT).map(|_| sign_in(&url, "alice", "guess"));
            let all = all.collect::<Vec<_>>();
            (all, sign_in(&url, "alice", "alice-password"))
        });
        let (all, last) = one_by_one.await.unwrap();
        assert!(all.iter().all(|answer| *answer == WRONG), "{all:?}");
        assert_eq!(last, LIMITED);
    }
}

#[tokio::test]
async fn a_hundred_right_passwords_at_once_are_granted_also_between_a_few_slips() {
    for world in worlds("right").await {
        let right = crowd(&world, |url, _| sign_in(url, "alice", "alice-password")).await;
        assert_eq!(number_of(&right, GRANTED), CROWD, "{right:?}");
        let is_slip = |number: usize| number % 12 == 5;
        let mixed = crowd(&world, move |url, number| {
            let password = if is_slip(number) {
                "guess"
            } else {
                "alice-password"
            };
            sign_in(url, "alice", password)
        })
        .await;
        let slips = (0..CROWD).filter(|number| is_slip(*number)).count();
        assert!(slips < PER_ACCOUNT);
        assert_eq!(number_of(&mixed, WRONG), slips, "{mixed:?}");
        assert_eq!(number_of(&mixed, GRANTED), CROWD - slips, "{mixed:?}");
    }
}

#[tokio::test]
async fn of_a_hundred_wrong_passwords_at_once_as_few_are_looked_at_as_one_after_another() {
    for world in worlds("wrong").await {
        let wrong = crowd(&world, |url, _| sign_in(url, "alice", "guess")).await;
        assert_eq!(number_of(&wrong, WRONG), PER_ACCOUNT, "{wrong:?}");
        assert_eq!(number_of(&wrong, LIMITED), CROWD - PER_ACCOUNT, "{wrong:?}");
        let right = crowd(&world, |url, _| sign_in(url, "alice", "alice-password")).await;
        assert_eq!(number_of(&right, LIMITED), CROWD, "the window is not over");
        let bob = crowd(&world, |url, _| sign_in(url, "bob", "bob-password")).await;
        assert_eq!(number_of(&bob, GRANTED), CROWD, "{bob:?}");
        // Each name has room, and the address has less.
        let strangers = crowd(&world, |url, number| {
            sign_in(url, &format!("nobody-{number}"), "guess")
        })
        .await;
        let room = PER_ADDRESS - PER_ACCOUNT;
        assert_eq!(number_of(&strangers, WRONG), room, "{strangers:?}");
        assert_eq!(number_of(&strangers, LIMITED), CROWD - room);
    }
}

#[tokio::test]
async fn who_hangs_up_leaves_no_place_taken() {
    let world = World::start().await;
    for _ in 0..3 * PER_ACCOUNT {
        let authority = world.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(authority).unwrap();
        let body = "grant_type=password&client_id=trusted&client_secret=trusted-secret&username=alice&password=alice-password";
        let head = format!(
            "POST /token HTTP/1.1\r\nHost: {authority}\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream
            .write_all(format!("{head}{body}").as_bytes())
            .unwrap();
        std::thread::sleep(Duration::from_millis(5));
    }
    let begun = Instant::now();
    let url = world.url.clone();
    let patient = tokio::task::spawn_blocking(move || sign_in(&url, "alice", "alice-password"));
    assert_eq!(patient.await.unwrap(), GRANTED);
    // The places of a dead process lapse after five minutes: this one lives.
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
}
