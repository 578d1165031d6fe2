//! What is handed on of a stream, and when.

use std::future::poll_fn;

use super::*;
use crate::serve::connection::pace::tests::{chunked, nothing, sized};

type Peer = tokio::io::DuplexStream;

fn connected() -> (Peer, Paced<Peer>) {
    let (peer, stream) = tokio::io::duplex(64 * 1024);
    (peer, Paced::new(stream))
}

fn send(peer: &mut Peer, bytes: &[u8]) {
    let waker = std::task::Waker::noop();
    let sent = Pin::new(peer).poll_write(&mut Context::from_waker(waker), bytes);
    assert!(matches!(sent, Poll::Ready(Ok(length)) if length == bytes.len()));
}

/// All that one look of the HTTP server reads, and whether the stream ended: it reads until there is no more.
async fn look(stream: &mut Paced<Peer>) -> (String, bool) {
    let mut read = Vec::new();
    let ended = poll_fn(|context| {
        loop {
            let mut room = [0; 8192];
            let mut buffer = ReadBuf::new(&mut room);
            match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
                Poll::Pending => return Poll::Ready(false),
                Poll::Ready(result) => result.unwrap(),
            }
            if buffer.filled().is_empty() {
                return Poll::Ready(true);
            }
            read.extend_from_slice(buffer.filled());
        }
    });
    let ended = ended.await;
    (String::from_utf8(read).unwrap(), ended)
}

fn some(text: &str) -> (String, bool) {
    (text.to_owned(), false)
}

#[tokio::test]
async fn one_head_at_a_time_and_none_while_one_is_answered() {
    let (mut peer, mut stream) = connected();
    send(&mut peer, b"GET /1\r\n\r\nGET /2\r\n\r\nGET /");
    assert_eq!(look(&mut stream).await, some("GET /1\r\n\r\n"));
    let turn = nothing(&stream.pace());
    assert_eq!(look(&mut stream).await, some(""));
    drop(turn);
    assert_eq!(look(&mut stream).await, some("GET /2\r\n\r\n"));
    let turn = nothing(&stream.pace());
    assert_eq!(look(&mut stream).await, some(""));
    drop(turn);
    assert_eq!(look(&mut stream).await, some("GET /"));
    send(&mut peer, b"3\r\n\r\n");
    assert_eq!(look(&mut stream).await, some("3\r\n\r\n"));
}

#[tokio::test]
async fn the_end_of_an_answer_wakes_the_reader() {
    let (mut peer, mut stream) = connected();
    send(&mut peer, b"a\n\nb\n\n");
    let pace = stream.pace();
    assert_eq!(look(&mut stream).await, some("a\n\n"));
    let turn = nothing(&pace);
    let reading = tokio::task::LocalSet::new();
    reading.spawn_local(async move {
        tokio::task::yield_now().await;
        drop(turn);
    });
    let next = async {
        let mut room = [0; 64];
        let mut buffer = ReadBuf::new(&mut room);
        poll_fn(|context| Pin::new(&mut stream).poll_read(context, &mut buffer))
            .await
            .unwrap();
        buffer.filled().to_vec()
    };
    let within = Duration::from_secs(5);
    let next = reading.run_until(tokio::time::timeout(within, next));
    assert_eq!(next.await.unwrap(), b"b\n\n");
}

#[tokio::test]
async fn a_sized_body_is_read_whole_and_no_further() {
    let (mut peer, mut stream) = connected();
    let body = "\r\n\r\n".repeat(5000);
    send(&mut peer, format!("POST\n\n{body}GET\n\n").as_bytes());
    assert_eq!(look(&mut stream).await, some("POST\n\n"));
    let turn = sized(&stream.pace(), 20_000);
    assert_eq!(look(&mut stream).await, some(&body));
    drop(turn);
    assert_eq!(look(&mut stream).await, some("GET\n\n"));
}

#[tokio::test]
async fn a_chunked_body_is_read_as_it_is_asked_for() {
    let (mut peer, mut stream) = connected();
    send(
        &mut peer,
        format!("P\n\n1\r\na\r\n0\r\n\r\n{}", "G\n\n".repeat(50)).as_bytes(),
    );
    assert_eq!(look(&mut stream).await, some("P\n\n"));
    let (turn, ask) = chunked(&stream.pace());
    assert_eq!(look(&mut stream).await, some(""));
    ask();
    let (piece, _) = look(&mut stream).await;
    assert_eq!(piece, format!("1\r\na\r\n0\r\n\r\n{}", "G\n\n".repeat(15)));
    assert_eq!(look(&mut stream).await, some(""));
    drop(turn);
    assert_eq!(look(&mut stream).await, some("G\n\n"));
}

#[tokio::test]
async fn a_peer_that_leaves_is_noticed_while_it_is_answered() {
    let (mut peer, mut stream) = connected();
    send(&mut peer, b"a\n\nb\n\n");
    assert_eq!(look(&mut stream).await, some("a\n\n"));
    let _turn = nothing(&stream.pace());
    assert_eq!(look(&mut stream).await, some(""));
    drop(peer);
    assert_eq!(look(&mut stream).await, (String::new(), true));
}

#[tokio::test]
async fn a_head_that_does_not_end_ends_the_stream() {
    let (mut peer, mut stream) = connected();
    stream.head_time = Duration::from_millis(100);
    assert_eq!(look(&mut stream).await, some(""));
    sleep(stream.head_time * 2).await;
    send(&mut peer, b"GET /");
    assert_eq!(look(&mut stream).await, some("GET /"));
    sleep(stream.head_time * 2).await;
    assert_eq!(look(&mut stream).await, (String::new(), true));
}

#[tokio::test]
async fn empty_lines_wait_for_a_head_no_longer_than_its_first_line_does() {
    let (mut peer, mut stream) = connected();
    stream.head_time = Duration::from_millis(100);
    send(&mut peer, b"a\n\n");
    assert_eq!(look(&mut stream).await, some("a\n\n"));
    assert_eq!(look(&mut stream).await, some(""));
    sleep(stream.head_time * 2).await;
    send(&mut peer, b"\r\n");
    assert_eq!(look(&mut stream).await, some("\r\n"));
    sleep(stream.head_time * 2).await;
    assert_eq!(look(&mut stream).await, (String::new(), true));
}

#[tokio::test]
async fn nothing_is_read_on_while_an_answer_waits_for_its_peer() {
    let (mut peer, stream) = tokio::io::duplex(16);
    let mut stream = Paced::new(stream);
    let waker = std::task::Waker::noop();
    let context = &mut Context::from_waker(waker);
    let whole = Pin::new(&mut stream).poll_write(context, &[b'x'; 16]);
    assert!(whole.is_ready());
    assert!(Pin::new(&mut stream).poll_write(context, b"x").is_pending());
    send(&mut peer, b"a\n\n");
    assert_eq!(look(&mut stream).await, some(""));
    let mut room = [0; 64];
    let taken = Pin::new(&mut peer).poll_read(context, &mut ReadBuf::new(&mut room));
    assert!(taken.is_ready());
    assert!(Pin::new(&mut stream).poll_flush(context).is_ready());
    assert_eq!(look(&mut stream).await, some("a\n\n"));
}

#[tokio::test]
async fn a_body_that_came_with_its_head_is_handed_on_with_it() {
    let (mut peer, mut stream) = connected();
    send(&mut peer, b"POST\n\na=1&b=2");
    assert_eq!(look(&mut stream).await, some("POST\n\na=1&b=2"));
    let turn = sized(&stream.pace(), 7);
    assert!(turn.has_body());
    send(&mut peer, b"GET\n\n");
    assert_eq!(look(&mut stream).await, some(""));
    drop(turn);
    assert_eq!(look(&mut stream).await, some("GET\n\n"));
}

#[tokio::test]
async fn what_is_missing_of_such_a_body_follows() {
    let (mut peer, mut stream) = connected();
    send(&mut peer, b"POST\n\na=1");
    assert_eq!(look(&mut stream).await, some("POST\n\na=1"));
    let turn = sized(&stream.pace(), 7);
    assert!(!turn.has_body());
    send(&mut peer, b"&b=2GET\n\n");
    assert_eq!(look(&mut stream).await, some("&b=2"));
    drop(turn);
    assert_eq!(look(&mut stream).await, some("GET\n\n"));
}

#[tokio::test]
async fn a_head_that_began_behind_a_body_still_ends() {
    for (first, length) in [
        ("GET\n\nG", None),
        ("POST\n\na=1G", Some(3)),
        ("POST\n\nG", Some(0)),
    ] {
        let (mut peer, mut stream) = connected();
        send(&mut peer, first.as_bytes());
        assert_eq!(look(&mut stream).await, some(first));
        let pace = stream.pace();
        let turn = length.map_or_else(|| nothing(&pace), |length| sized(&pace, length));
        send(&mut peer, b"ET\n\nGET /3\n\n");
        assert_eq!(look(&mut stream).await, some(""));
        drop(turn);
        assert_eq!(look(&mut stream).await, some("ET\n\n"), "{first}");
        let turn = nothing(&pace);
        assert_eq!(look(&mut stream).await, some(""));
        drop(turn);
        assert_eq!(look(&mut stream).await, some("GET /3\n\n"));
    }
}

#[tokio::test]
async fn a_head_that_began_behind_a_body_has_as_much_time_as_any() {
    let (mut peer, mut stream) = connected();
    stream.head_time = Duration::from_millis(100);
    send(&mut peer, b"GET\n\nG");
    assert_eq!(look(&mut stream).await, some("GET\n\nG"));
    let turn = nothing(&stream.pace());
    assert_eq!(look(&mut stream).await, some(""));
    drop(turn);
    assert_eq!(look(&mut stream).await, some(""));
    sleep(stream.head_time * 2).await;
    assert_eq!(look(&mut stream).await, (String::new(), true));
}

#[tokio::test]
async fn line_ends_behind_a_body_bring_no_bytes_of_the_next_head() {
    let (mut peer, mut stream) = connected();
    send(&mut peer, b"POST\r\n\r\na=1\r");
    assert_eq!(look(&mut stream).await, some("POST\r\n\r\na=1\r"));
    let turn = sized(&stream.pace(), 3);
    send(&mut peer, b"\n\r\nPOST /");
    assert_eq!(look(&mut stream).await, some(""));
    drop(turn);
    assert_eq!(look(&mut stream).await, some("\n\r\n"));
    assert_eq!(look(&mut stream).await, some("POST /"));
    send(&mut peer, b"2\r\n\r\n");
    assert_eq!(look(&mut stream).await, some("2\r\n\r\n"));
    let turn = sized(&stream.pace(), 7);
    assert!(!turn.has_body());
    send(&mut peer, b"a=1&b=2");
    assert_eq!(look(&mut stream).await, some("a=1&b=2"));
}
