//! A client's server that only listens: it keeps what is posted to it, and answers as a test says, or never.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::parameter;

/// How it answers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answers {
    /// With this status.
    With(u16),
    /// Never.
    Never,
}

/// The listener.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    /// Its address for logout tokens.
    pub(super) uri: String,
    tokens: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    /// Starts it.
    pub(super) async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let tokens: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&tokens);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers, Arc::clone(&kept)));
            }
        });
        Self {
            uri: format!("http://127.0.0.1:{port}/told"),
            tokens,
        }
    }

    /// The logout tokens that have come.
    pub(super) fn tokens(&self) -> Vec<String> {
        self.tokens.lock().expect("no panic").clone()
    }

    /// The one logout token that came, or is about to come.
    pub(super) async fn token(&self) -> String {
        for _ in 0..200 {
            if let [token] = self.tokens().as_slice() {
                return token.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("not one logout token came: {:?}", self.tokens());
    }
}

async fn serve(
    mut stream: tokio::net::TcpStream,
    answers: Answers,
    tokens: Arc<Mutex<Vec<String>>>,
) {
    let mut received = Vec::new();
    let mut buffer = [0_u8; 4096];
    let body = loop {
        let Ok(read @ 1..) = stream.read(&mut buffer).await else {
            return;
        };
        received.extend(&buffer[..read]);
        let text = String::from_utf8_lossy(&received).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(0, |length| length.trim().parse().expect("a number"));
        if body.len() >= length {
            assert!(head.starts_with("post /told "), "{head}");
            break body.to_owned();
        }
    };
    let token = parameter(&body, "logout_token").expect("a logout token");
    tokens.lock().expect("no panic").push(token);
    match answers {
        Answers::With(status) => {
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
        Answers::Never => tokio::time::sleep(Duration::from_mins(1)).await,
    }
}
