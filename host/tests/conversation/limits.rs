//! Each limit at its edge: what just fits is taken, one more is refused with the right status and a sentence for people.

use std::time::{Duration, Instant};

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::server::*;

const ECHO: &str = "DO\nHEAR said\nTALK said\nLOOP\n";
/// Its message is a number: of replies, or of letters in a text or a variable.
const SIZES: &str = "DO\nHEAR what\nHEAR n AS INTEGER\nIF what = \"replies\" THEN\nFOR i = 1 TO n\nTALK i\nNEXT\n\
    ELSEIF what = \"text\" THEN\nx = LEN(REPEAT(\"x\", n))\nTALK x\nELSE\nkept = REPEAT(\"x\", n)\nTALK \"kept\"\nEND IF\nLOOP\n";
const SLOW: &str = "DO\nHEAR said\nIF said = \"slow\" THEN\nFOR i = 1 TO 100000000\nNEXT\nEND IF\nTALK said\nLOOP\n";
const PATIENT: [(&str, u64); 2] = [("fuel-per-turn", 100_000_000_000), ("turn-seconds", 60)];

/// A refusal that says in a sentence what is wrong, and when to try again if that helps.
async fn refused(response: Response, status: u16, again: bool) -> String {
    let after = response.headers().get("retry-after").cloned();
    let problem = problem(response, status).await;
    let after = after.map(|after| after.to_str().expect("text").parse::<u64>());
    assert_eq!(after.is_some(), again, "{problem}");
    assert!(after.is_none_or(|after| after.is_ok_and(|after| (1..=60).contains(&after))));
    let sentence = problem["detail"].as_str().expect("a sentence").to_owned();
    assert!(
        sentence.ends_with('.') && sentence.contains(' '),
        "{sentence}"
    );
    sentence
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_has_its_bytes() {
    let rows = [("message-bytes", 10)];
    let server = Server::start_with(|config| write_bot(config, "small", ECHO, &rows)).await;
    let talk = server.open_with("small").await;
    for (message, fits) in [
        ("0123456789", true),
        ("0123456789a", false),
        ("ééééé", true),
        ("éééééa", false),
        ("", true),
    ] {
        let answer = talk.send(json!({ "message": message })).await;
        if fits {
            assert_eq!(answer.status(), StatusCode::OK, "{message}");
        } else {
            let sentence = refused(answer, 413, false).await;
            assert_eq!(sentence, "The message is larger than 10 bytes.");
        }
    }
    assert_eq!(server.number("SELECT count(*) FROM turns").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_has_its_bytes() {
    let server = Server::start_with(|config| config.request_bytes = 1000).await;
    let talk = server.open().await;
    let body = |bytes: usize| {
        let frame = json!({"message": ""}).to_string().len();
        json!({"message": "x".repeat(bytes - frame)}).to_string()
    };
    let send = async |body: &str| {
        let kind = "application/json";
        server
            .raw(Method::POST, "/api/chat", &talk.token, kind, body)
            .await
    };
    assert_eq!(send(&body(1000)).await.status(), StatusCode::OK);
    let sentence = refused(send(&body(1001)).await, 413, false).await;
    assert_eq!(sentence, "The body is larger than 1000 bytes.");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_and_headers_have_their_bytes() {
    let server = Server::start().await;
    let get = |path: String, header: String| {
        let request = server
            .client
            .get(server.url(&path))
            .header("x-long", header);
        async move { request.send().await.expect("an answer") }
    };
    let (address, header) = (
        |bytes| format!("/{}", "x".repeat(bytes)),
        |bytes| "x".repeat(bytes),
    );
    let answer = get(address(8000), header(30_000)).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let sentence = refused(get(address(9000), String::new()).await, 414, false).await;
    assert_eq!(sentence, "The address is longer than 8192 bytes.");
    let sentence = refused(get("/".into(), header(40_000)).await, 431, false).await;
    assert_eq!(sentence, "The headers are larger than 32768 bytes.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_has_its_replies_texts_and_variables() {
    let rows = [
        ("replies-per-turn", 3),
        ("text-bytes", 2000),
        ("variables-bytes", 1500),
    ];
    let server = Server::start_with(|config| write_bot(config, "sizes", SIZES, &rows)).await;
    let talk = server.open_with("sizes").await;
    // Three values of their own (the map of variables, that of the frame, the default of HEAR), then names and values.
    let names = ["i", "kept", "n", "what", "x"];
    let overhead = 3 * 8 + names.map(|name| name.len() + 8).iter().sum::<usize>();
    let room = 1500 - overhead - "variable".len();
    for (what, fits, answer, failures) in [
        (
            "replies",
            3,
            "1 2 3",
            "SELECT count(*) FROM turns WHERE failed_code = 'too-many-replies'",
        ),
        (
            "text",
            2000,
            "2000",
            "SELECT count(*) FROM turns WHERE failed_code = 'text-too-long'",
        ),
        (
            "variable",
            room,
            "kept",
            "SELECT count(*) FROM turns WHERE failed_code = 'variables-too-large'",
        ),
    ] {
        talk.say(what).await;
        let said = talk.say(&fits.to_string()).await;
        assert_eq!(texts(&said).join(" "), answer, "{what}");
        talk.say(what).await;
        let notice = talk.say(&(fits + 1).to_string()).await;
        assert_eq!(texts(&notice).len(), 1, "{notice}");
        assert!(texts(&notice)[0].starts_with("Sorry"), "{notice}");
        assert_eq!(server.number(failures).await, 1, "{what}");
        // It still waits at its question.
        talk.say("0").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_has_its_messages_and_what_is_refused_is_none_of_them() {
    let rows = [("messages-per-minute", 2), ("message-bytes", 10)];
    let server = Server::start_with(|config| write_bot(config, "slowly", ECHO, &rows)).await;
    let (talk, other) = (
        server.open_with("slowly").await,
        server.open_with("slowly").await,
    );
    let say = async |message: &str, id: &str| {
        talk.send(json!({"message": message, "message_id": id}))
            .await
    };
    assert_eq!(say("one", "m1").await.status(), StatusCode::OK);
    for _ in 0..5 {
        refused(say("much too long", "m2").await, 413, false).await;
        refused(say("another", "m1").await, 422, false).await;
        assert_eq!(say("one", "m1").await.status(), StatusCode::OK, "a replay");
    }
    assert_eq!(say("two", "m2").await.status(), StatusCode::OK);
    for _ in 0..5 {
        let answer = say("three", "m3").await;
        assert_eq!(answer.headers()["retry-after"], "30");
        let sentence = refused(answer, 429, true).await;
        assert_eq!(sentence, "That was too many messages in a short time.");
    }
    assert_eq!(
        other.send(json!({"message": "I"})).await.status(),
        StatusCode::OK
    );
    server.clock.advance(Duration::from_secs(29));
    assert_eq!(say("three", "m3").await.headers()["retry-after"], "1");
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(say("three", "m3").await.status(), StatusCode::OK);
    refused(say("four", "m4").await, 429, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_has_128_characters() {
    let server = Server::start().await;
    let talk = server.open().await;
    for (id, status) in [
        ("m".repeat(128), 200),
        ("é".repeat(128), 200),
        ("m".repeat(129), 422),
        (String::new(), 422),
        ("tab\t".into(), 422),
    ] {
        let answer = talk.send(json!({"message": "hi", "message_id": id})).await;
        if status == 200 {
            let answer: Value = answer.json().await.expect("JSON");
            assert_eq!(answer["message_id"], id);
        } else {
            let sentence = refused(answer, status, false).await;
            assert!(sentence.contains("128 printable characters"), "{sentence}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_history_has_its_length() {
    let server = Server::start().await;
    let talk = server.open().await;
    for n in 0..3 {
        talk.say(&n.to_string()).await;
    }
    for (query, expected) in [
        ("?limit=1", vec![1]),
        ("?limit=1000", (1..=7).collect()),
        ("?after=2&limit=2", vec![3, 4]),
        ("?before=4&limit=2", vec![2, 3]),
        ("?after=1&before=4", vec![2, 3]),
        ("?after=7", vec![]),
        ("?before=1", vec![]),
    ] {
        let page = talk.history(query).await;
        let seqs: Vec<u64> = page["messages"]
            .as_array()
            .expect("messages")
            .iter()
            .filter_map(|message| message["seq"].as_u64())
            .collect();
        assert_eq!(seqs, expected, "{query}");
    }
    for query in ["?limit=0", "?limit=1001"] {
        let path = format!("/api/chat{query}");
        let answer = server.raw(Method::GET, &path, &talk.token, "", "").await;
        assert_eq!(refused(answer, 422, false).await, "The limit is 1 to 1000.");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_has_its_places() {
    let server = Server::start_with(|config| {
        config.session_queue = 1;
        write_bot(config, "slow", SLOW, &PATIENT);
    })
    .await;
    let talk = server.open_with("slow").await;
    let running = talk.begin("slow").await;
    let message = json!({"message": "next", "message_id": "m1"});
    let mut both = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let request = server
            .client
            .post(server.url("/api/chat"))
            .bearer_auth(&talk.token);
        let request = request.json(&message);
        both.spawn(async move { request.send().await.expect("an answer") });
    }
    // One of them waits. The other one is refused at once.
    let first = both.join_next().await.expect("two").expect("an answer");
    assert!(!running.is_finished());
    let sentence = refused(first, 503, true).await;
    assert_eq!(sentence, "Too many messages wait in this conversation.");
    let second = both.join_next().await.expect("two").expect("an answer");
    assert_eq!(second.status(), StatusCode::OK);
    assert_eq!(running.await.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_has_its_turns() {
    let server = Server::start_with(|config| {
        config.requests_at_once = 1;
        write_bot(config, "slow", SLOW, &PATIENT);
    })
    .await;
    let (talk, other) = (server.open_with("slow").await, server.open().await);
    let running = talk.begin("slow").await;
    let answer = other
        .send(json!({"message": "hi", "message_id": "m1"}))
        .await;
    let sentence = refused(answer, 503, true).await;
    assert_eq!(sentence, "The server is full or stopping.");
    let answer = other.send(json!({"message": "hi"})).await;
    let told = problem(answer, 503).await;
    assert!(told["message_id"].is_string(), "to send it again: {told}");
    assert_eq!(running.await.expect("an answer").status(), StatusCode::OK);
    assert_eq!(texts(&other.say("hi").await), ["hi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_has_its_connections() {
    let server = Server::start_with(|config| config.connections = 2).await;
    let ask = async |stream: &mut TcpStream| {
        let request = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
        stream.write_all(request.as_bytes()).await.expect("sent");
    };
    let mut answer = [0; 12];
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = connect(&server).await;
        ask(&mut stream).await;
        stream.read_exact(&mut answer).await.expect("an answer");
        open.push(stream);
    }
    let mut third = connect(&server).await;
    ask(&mut third).await;
    let waiting = third.read_exact(&mut answer);
    let waiting = tokio::time::timeout(Duration::from_millis(300), waiting).await;
    assert!(waiting.is_err(), "it waits for room");
    open.pop();
    let answered = tokio::time::timeout(Duration::from_secs(5), third.read_exact(&mut answer));
    answered.await.expect("in time").expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_byte_by_byte_is_cut_off() {
    let server = Server::start_with(|config| {
        config.headers_seconds = 1;
        config.request_seconds = 1;
    })
    .await;
    let talk = server.open().await;
    let head = format!(
        "POST /api/chat HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n",
        talk.token
    );
    // In its headers: closed without a word. In its body: told so.
    for (at_once, answer) in [("", ""), (head.as_str(), "HTTP/1.1 408")] {
        let begun = Instant::now();
        let stream = connect(&server).await;
        let (mut reading, mut writing) = stream.into_split();
        writing.write_all(at_once.as_bytes()).await.expect("sent");
        let slow = tokio::spawn(async move {
            for byte in head_or_body(!answer.is_empty()) {
                tokio::time::sleep(Duration::from_millis(200)).await;
                if writing.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        });
        let mut told = Vec::new();
        let cut = tokio::time::timeout(Duration::from_secs(10), reading.read_to_end(&mut told));
        let _ = cut.await.expect("cut off"); // a reset is an end, too
        slow.abort();
        let took = begun.elapsed();
        assert!(took > Duration::from_millis(900), "{took:?}");
        let told = String::from_utf8_lossy(&told);
        assert!(told.starts_with(answer), "{told}");
        assert_eq!(told.is_empty(), answer.is_empty(), "{told}");
        assert_eq!(
            told.contains("The request took too long to arrive."),
            !answer.is_empty()
        );
    }
    assert_eq!(texts(&talk.say("hi").await), ["hi"]);
}

/// Who cannot be let in learns it without sending the body, and may go on to send it all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_headers_say_already_is_answered_at_once() {
    let server = Server::start().await;
    let token = server.open().await.token;
    for (token, bytes, status) in [("wrong", 1000, "401"), (token.as_str(), 100_000_000, "413")] {
        let begun = Instant::now();
        let mut stream = connect(&server).await;
        let head = format!(
            "POST /api/chat HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {bytes}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut told = [0; 12];
        stream.read_exact(&mut told).await.expect("an answer");
        assert_eq!(told, *format!("HTTP/1.1 {status}").as_bytes());
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(3), "{took:?}");
        stream.write_all(&[b'x'; 1000]).await.expect("sent");
        let mut rest = String::new();
        if bytes == 1000 {
            stream.read_to_string(&mut rest).await.expect("an end");
            assert!(rest.contains("connection: close"), "{rest}");
        }
    }
}

/// Bytes of a request that never comes to its end.
fn head_or_body(body: bool) -> impl Iterator<Item = u8> {
    let text = if body {
        "{\"message\": \"".to_owned() + &"x".repeat(80)
    } else {
        "GET /health/live HTTP/1.1\r\nhost: x\r\nname: ".to_owned() + &"x".repeat(80)
    };
    text.into_bytes().into_iter()
}

async fn connect(server: &Server) -> TcpStream {
    let address = server.app.address();
    TcpStream::connect(address).await.expect("a connection")
}
