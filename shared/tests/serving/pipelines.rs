//! Requests behind each other on one connection, before the first is answered.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use crate::support::{LIMIT, Service, answer, get, post, rest, stuff};

#[tokio::test]
async fn a_peer_that_reads_gets_all_answers_in_order() {
    for tls in [false, true] {
        let service = Service::start(tls, 8, 20);
        let (mut reader, mut writer) = tokio::io::split(service.connect().await);
        let sending = tokio::spawn(async move {
            let heads: String = (0..3000)
                .map(|number| get(&format!("/n/{number}")))
                .collect();
            writer.write_all(heads.as_bytes()).await.unwrap();
            writer
        });
        for number in 0..3000 {
            let (status, body) = answer(&mut reader).await;
            assert_eq!((status, body), (200, number.to_string().into_bytes()));
        }
        sending.await.unwrap();
    }
}

#[tokio::test]
async fn heads_may_come_in_any_pieces_and_end_their_lines_as_they_like() {
    let service = Service::start(false, 8, 20);
    let heads = [
        get("/n/1"),
        "\r\n\nGET /n/2 HTTP/1.1\nHost: a\n\n".to_owned(),
        "GET /n/3 HTTP/1.1\nHost: a\r\n\n".to_owned(),
        post("/echo", "Content-Length: 4\r\n") + "a\n\n\n",
        "GET /n/4 HTTP/1.1\r\nHost: a\n\r\n".to_owned(),
        post("/echo", "Transfer-Encoding: chunked\r\n")
            + "2;x=\"\ty\"\r\n\n\n\r\n0\r\nA: b\r\n\r\n",
        get("/n/5"),
        post("/echo", "Content-Length: 0\r\n"),
        format!(
            "GET /n/6 HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
            "x".repeat(60_000)
        ),
        get("/n/7"),
    ]
    .concat();
    for step in [1, 3, 1000, heads.len()] {
        let (mut reader, mut writer) = service.connect_plain().await.into_split();
        let pieces: Vec<Vec<u8>> = heads.as_bytes().chunks(step).map(<[u8]>::to_vec).collect();
        let sending = tokio::spawn(async move {
            for piece in pieces {
                writer.write_all(&piece).await.unwrap();
            }
            writer
        });
        for body in ["1", "2", "3", "a\n\n\n", "4", "\n\n", "5", "", "6", "7"] {
            let (status, got) = answer(&mut reader).await;
            assert_eq!(
                (status, String::from_utf8(got).unwrap().as_str()),
                (200, body)
            );
        }
        sending.await.unwrap();
    }
}

/// What it costs when the peer takes nothing: as many answers as the system keeps, and a connection that ends.
#[tokio::test]
async fn a_peer_that_does_not_read_is_not_worked_for_and_is_cut() {
    for tls in [false, true] {
        let service = Service::start(tls, 8, 2);
        let mut stream = service.connect().await;
        let heads = get("/n/1").repeat(400_000);
        let sent = stuff(&mut stream, heads.as_bytes()).await;
        assert!(sent < heads.len(), "everything was taken");
        let asked = sent / get("/n/1").len();
        let mut begun = 0;
        while service.begun() > begun {
            begun = service.begun();
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        println!("tls {tls}: {asked} requests were sent, {begun} begun");
        assert!(begun < 10_000 && begun < asked / 2, "{begun} of {asked}");
        tokio::time::sleep(Duration::from_secs(3)).await;
        // It was cut: nothing more is answered, although there is room now.
        let read = rest(&mut stream).await;
        println!("tls {tls}: {read} bytes were there to read");
        assert_eq!(service.begun(), begun, "answered after the cut");
    }
}

/// A body whose request is refused before it is read, and what stands behind it.
#[tokio::test]
async fn nothing_behind_an_unread_body_is_answered() {
    let service = Service::start(false, 8, 20);
    for (lines, body) in [
        (
            format!("Content-Length: {LIMIT}\r\n"),
            "\r\n".repeat(LIMIT / 2),
        ),
        (
            "Transfer-Encoding: chunked\r\n".to_owned(),
            format!("8000\r\n{}\r\n0\r\n\r\n", "\n".repeat(0x8000)),
        ),
    ] {
        let mut stream = service.connect_plain().await;
        let all = post("/refuse", &lines) + &body + &get("/n/1").repeat(100);
        stuff(&mut stream, all.as_bytes()).await;
        assert_eq!(answer(&mut stream).await.0, 401);
        rest(&mut stream).await;
        assert_eq!(service.begun(), 0);
    }
}
