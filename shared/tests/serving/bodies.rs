//! Bodies: whatever is in them, however they come, they arrive.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{LIMIT, PATIENCE, Service, answer, get, post};

#[tokio::test]
async fn the_largest_body_of_blank_lines_arrives() {
    for tls in [false, true] {
        let service = Service::start(tls, 8, 20);
        let (mut reader, mut writer) = tokio::io::split(service.connect().await);
        let body = "\r\n\r\n".repeat(LIMIT / 4);
        for path in ["/echo", "/late"] {
            let head = post(path, &format!("Content-Length: {LIMIT}\r\n"));
            let all = head + &body + &get("/n/7");
            let sending = async { writer.write_all(all.as_bytes()).await.unwrap() };
            let (answered, ()) = tokio::join!(answer(&mut reader), sending);
            assert_eq!(answered, (200, body.clone().into_bytes()), "{path}");
            assert_eq!(answer(&mut reader).await, (200, b"7".to_vec()));
        }
    }
}

#[tokio::test]
async fn a_chunked_body_arrives_in_chunks_of_any_size() {
    let service = Service::start(false, 8, 20);
    for (size, text) in [
        (1, "\n"),
        (2, "\r\n"),
        (5000, "\r\n\r\n"),
        (40_000, "abcdefg\n"),
    ] {
        let body: String = text.repeat(40_000 / text.len());
        let chunks = body.as_bytes().chunks(size).map(|chunk| {
            let text = String::from_utf8(chunk.to_vec()).unwrap();
            format!("{:x}\r\n{text}\r\n", chunk.len())
        });
        let chunked: String = chunks.collect();
        for path in ["/echo", "/late"] {
            let (mut reader, mut writer) = service.connect_plain().await.into_split();
            let head = post(path, "Transfer-Encoding: chunked\r\n");
            let all = format!("{head}{chunked}0\r\n\r\n{}", get("/n/7").repeat(30));
            let sending = async { writer.write_all(all.as_bytes()).await.unwrap() };
            let (answered, ()) = tokio::join!(answer(&mut reader), sending);
            assert_eq!(answered, (200, body.clone().into_bytes()), "{size} {path}");
            for _ in 0..30 {
                assert_eq!(answer(&mut reader).await, (200, b"7".to_vec()));
            }
        }
    }
}

/// RFC 9110 §10.1.1.
#[tokio::test]
async fn who_waits_for_100_continue_gets_it() {
    let service = Service::start(false, 8, 20);
    for (lines, body) in [
        ("Content-Length: 5\r\n", "ab\n\nc"),
        (
            "Transfer-Encoding: chunked\r\n",
            "5\r\nab\n\nc\r\n0\r\n\r\n",
        ),
    ] {
        let mut stream = service.connect_plain().await;
        let head = post("/echo", &format!("{lines}Expect: 100-continue\r\n"));
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        let read = stream.read_exact(&mut go_on);
        tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(body.as_bytes()).await.unwrap();
        assert_eq!(answer(&mut stream).await, (200, b"ab\n\nc".to_vec()));
    }
}

#[tokio::test]
async fn a_body_may_come_slowly() {
    let service = Service::start(false, 8, 20);
    for (lines, pieces) in [
        ("Content-Length: 6\r\n", ["ab", "\n\n", "cd"]),
        (
            "Transfer-Encoding: chunked\r\n",
            ["2\r\nab\r\n4\r", "\n\n\ncd\r", "\n0\r\n\r\n"],
        ),
    ] {
        let mut stream = service.connect_plain().await;
        let head = post("/echo", lines);
        stream.write_all(head.as_bytes()).await.unwrap();
        for piece in pieces {
            tokio::time::sleep(Duration::from_millis(200)).await;
            stream.write_all(piece.as_bytes()).await.unwrap();
        }
        assert_eq!(answer(&mut stream).await, (200, b"ab\n\ncd".to_vec()));
    }
}

#[tokio::test]
async fn a_form_in_one_piece_with_its_head_is_answered_and_so_is_what_follows() {
    for tls in [false, true] {
        let service = Service::start(tls, 10, 30);
        let mut stream = service.connect().await;
        for (path, status, body) in [
            ("/echo", 200, "a=1&b=2"),
            ("/late", 200, "a=1&b=2"),
            ("/refuse", 401, ""),
            ("/echo", 200, "a=1&b=2"),
        ] {
            let form = format!("{}a=1&b=2", post(path, "Content-Length: 7\r\n"));
            stream.write_all(form.as_bytes()).await.unwrap();
            let answered = answer(&mut stream).await;
            assert_eq!(answered, (status, body.as_bytes().to_vec()), "{path}");
        }
        // A part of it, and with the rest the beginning of the next head.
        let mut pieces = vec![format!("{}a=1", post("/echo", "Content-Length: 7\r\n"))];
        pieces.extend(["&b=2G".to_owned(), get("/n/1")[1..].to_owned()]);
        // All of it, and the beginning of the next head.
        let form = post("/late", "Content-Length: 7\r\n");
        pieces.extend([format!("{form}a=1&b=2GE"), get("/n/2")[2..].to_owned()]);
        for piece in pieces {
            stream.write_all(piece.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        for expected in ["a=1&b=2", "1", "a=1&b=2", "2"] {
            let answered = answer(&mut stream).await;
            assert_eq!(answered, (200, expected.as_bytes().to_vec()));
        }
    }
}
