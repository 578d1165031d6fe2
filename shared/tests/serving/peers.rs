//! Peers that take nothing, take little, leave, or are too many.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{BIG, Service, answer, get, rest};

#[tokio::test]
async fn an_answer_that_nobody_takes_ends_the_connection() {
    for (tls, path) in [
        (false, "/big"),
        (true, "/big"),
        (false, "/events"),
        (true, "/events"),
    ] {
        let service = Service::start(tls, 1, 1);
        let mut stream = service.connect().await;
        stream.write_all(get(path).as_bytes()).await.unwrap();
        // It holds the only place there is: the next one is served when it is gone.
        let begun = Instant::now();
        let mut next = service.connect().await;
        next.write_all(get("/n/1").as_bytes()).await.unwrap();
        assert_eq!(answer(&mut next).await, (200, b"1".to_vec()));
        let held = begun.elapsed();
        println!("tls {tls} {path}: held for {held:?}");
        assert!(held >= Duration::from_millis(900), "{held:?}");
        assert!(rest(&mut stream).await < BIG, "{path}: it came whole");
    }
}

#[tokio::test]
async fn a_slow_reader_is_served_to_the_end() {
    for tls in [false, true] {
        let service = Service::start(tls, 8, 2);
        let mut stream = service.connect().await;
        stream.write_all(get("/big").as_bytes()).await.unwrap();
        let mut part = vec![0; 16 * 1024];
        let mut read = 0;
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(6) {
            read += stream.read(&mut part).await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        println!("tls {tls}: {read} bytes in six seconds");
        assert!(read < BIG / 8, "that was fast");
        let left = rest(&mut stream).await;
        assert!(
            read + left > BIG,
            "tls {tls}: cut after {} bytes",
            read + left
        );
    }
}

/// The server hears of it although something of the next request is there to be read.
#[tokio::test]
async fn a_peer_that_leaves_is_not_worked_for() {
    for behind in ["", "GET /n/1 HTTP/1.1\r\nHost: a\r\n\r\nGET"] {
        let service = Service::start(false, 8, 20);
        let mut stream = service.connect_plain().await;
        let bytes = get("/hold") + behind;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        while service.begun() == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        drop(stream);
        let left = Instant::now();
        while service.counts.dropped.load(Ordering::SeqCst) == 0 {
            assert!(left.elapsed() < Duration::from_secs(10), "it is worked for");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test]
async fn more_peers_than_there_is_room_for_wait_for_their_turn() {
    let service = Service::start(false, 2, 20);
    let begun = Instant::now();
    let asking = (0..6).map(|_| async {
        let mut stream = service.connect_plain().await;
        let head = "GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        answer(&mut stream).await
    });
    for answered in futures_util::future::join_all(asking).await {
        assert_eq!(answered, (200, b"slow".to_vec()));
    }
    // Two at a time, two seconds each.
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(5900), "{took:?}");
}

#[tokio::test]
async fn a_head_that_stops_half_way_ends_the_connection() {
    let service = Service::start(false, 8, 20);
    let first = service.connect_plain().await;
    let second = service.connect_plain().await;
    let begun = Instant::now();
    let cut = |mut stream: tokio::net::TcpStream, answered: bool| async move {
        if answered {
            stream.write_all(get("/n/1").as_bytes()).await.unwrap();
            assert_eq!(answer(&mut stream).await, (200, b"1".to_vec()));
        }
        stream.write_all(b"GET /n/1 HTTP/1.1\r\nHo").await.unwrap();
        let mut end = Vec::new();
        let _ = stream.read_to_end(&mut end).await;
        (String::from_utf8(end).unwrap(), begun.elapsed())
    };
    let (first, second) = tokio::join!(cut(first, false), cut(second, true));
    assert!(first.0.starts_with("HTTP/1.1 408"), "{first:?}");
    assert_eq!(second.0, "", "nobody asked");
    for took in [first.1, second.1] {
        assert!(took < Duration::from_secs(12), "{took:?}");
    }
}

#[tokio::test]
async fn peers_that_do_not_read_do_not_hold_the_stop() {
    let service = Service::start(false, 8, 20);
    let mut streams = Vec::new();
    for path in ["/big", "/events", "/n/1", "/hold"] {
        let mut stream = service.connect_plain().await;
        stream
            .write_all(get(path).repeat(50).as_bytes())
            .await
            .unwrap();
        streams.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let begun = Instant::now();
    tokio::task::spawn_blocking(move || service.stop())
        .await
        .unwrap();
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
}
