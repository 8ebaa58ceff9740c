//! What a client can rely on, from a fresh start with the sample bots.

use std::collections::HashSet;

use hearsay_tests::case::repository;
use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Server, Talk, call, client, write_bot};
use hearsay_tests::setup::Setup;
use reqwest::{Method, StatusCode, header};
use serde_json::json;

on_each_setup! {
    a_conversation_from_a_fresh_start
    every_sample_bot_is_served_as_a_conversation_of_its_own
    a_message_said_twice_under_one_id_counts_once
    a_conversation_begun_twice_under_one_key_is_one
    messages_sent_at_once_are_taken_one_after_the_other
    refusals_are_problem_documents
    what_is_wrong_with_a_body_is_said_in_words
    the_page_of_another_site_begins_no_conversation
    no_browser_keeps_an_answer
    an_ended_conversation_is_over
    the_server_says_how_it_is
    figures_are_shown_where_the_operator_wants_them
}

fn fresh(setup: Setup) -> anyhow::Result<(tempfile::TempDir, Server)> {
    let folder = setup.folder()?;
    let server = Server::start(&repository().join("bots"), &folder.path().join("data"))?;
    Ok((folder, server))
}

async fn a_conversation_from_a_fresh_start(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = fresh(setup)?;
    let url = format!("{}/api/session", server.url());
    let opened = call(client()?.post(&url)).await?;
    assert_eq!(opened.status, StatusCode::CREATED);
    let session = opened.body["session_id"].as_str().expect("a session_id");
    assert_eq!(session.len(), 36);
    let token = opened.body["token"].as_str().expect("a token");
    assert_eq!(token.len(), 43);
    assert!(
        token
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
    );
    assert_eq!(opened.body["bot"], "default");
    assert!(!opened.said().is_empty(), "a greeting");

    let chat = format!("{}/api/chat", server.url());
    let said = call(
        client()?
            .post(&chat)
            .bearer_auth(token)
            .json(&json!({ "message": "Ann" })),
    )
    .await?;
    assert_eq!(said.status, StatusCode::OK);
    assert!(said.said()[0].contains("Ann"), "{said:?}");
    assert!(said.body["message_id"].is_string());
    assert_eq!(said.body["expects"]["kind"], "menu");

    let history = call(client()?.get(&chat).bearer_auth(token)).await?;
    let roles: Vec<&str> = history.body["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .filter_map(|m| m["role"].as_str())
        .collect();
    assert_eq!(
        roles,
        ["assistant", "assistant", "user", "assistant", "assistant"]
    );
    let places: Vec<u64> = history.body["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .filter_map(|m| m["seq"].as_u64())
        .collect();
    assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
    let times: Vec<&str> = history.body["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .filter_map(|m| m["timestamp"].as_str())
        .collect();
    assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
    Ok(())
}

async fn every_sample_bot_is_served_as_a_conversation_of_its_own(
    setup: Setup,
) -> anyhow::Result<()> {
    let (_folder, server) = fresh(setup)?;
    let mut tokens = HashSet::new();
    for bot in ["default", "support", "quiz"] {
        let talk = server.open(bot).await?;
        assert_eq!(talk.greeting.body["bot"], bot);
        tokens.insert(talk.token.clone());
        let page = client()?
            .get(format!("{}/{bot}", server.url()))
            .send()
            .await?;
        assert_eq!(page.status(), StatusCode::OK);
        let policy = page.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()?
            .to_owned();
        assert!(
            policy.contains("script-src 'self'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert!(page.text().await?.contains(&format!("data-bot=\"{bot}\"")));
    }
    assert_eq!(tokens.len(), 3);
    Ok(())
}

async fn a_message_said_twice_under_one_id_counts_once(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = fresh(setup)?;
    let talk = server.open("default").await?;
    let first = talk.say_as("one", "Ann").await?;
    let before = talk.history().await?;
    let second = talk.say_as("one", "Ann").await?;
    assert_eq!(first, second);
    assert_eq!(talk.history().await?, before);
    let other = talk.say_as("one", "Bob").await?;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(talk.history().await?, before);
    Ok(())
}

async fn a_conversation_begun_twice_under_one_key_is_one(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = fresh(setup)?;
    let first = server.open_as("a key", "default").await?;
    first.say("Ann").await?;
    let second = server.open_as("a key", "default").await?;
    assert_ne!(first.token, second.token);
    let told = |talk: &Talk| {
        let mut told = talk.greeting.body.clone();
        told["token"].take();
        told
    };
    assert_eq!(told(&first), told(&second));
    let history = second.history().await?;
    assert!(history.said().contains(&"Ann"), "{history:?}");
    assert_eq!(second.say("Bob").await?.status, StatusCode::OK);
    assert_eq!(first.history().await?, second.history().await?);
    let other = server.open_as("another key", "default").await?;
    assert_ne!(
        other.greeting.body["session_id"],
        first.greeting.body["session_id"]
    );
    let refused = ["a key", "", "not plain: é", &"x".repeat(129)];
    for (key, bot) in refused.map(|key| (key, if key == "a key" { "support" } else { "default" })) {
        let refused = server.open_as(key, bot).await;
        let refused = refused
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(refused.starts_with("422"), "{key:?}: {refused}");
    }
    first.send(Method::DELETE, "/api/session", None).await?;
    assert_eq!(second.history().await?.status, StatusCode::UNAUTHORIZED);
    let ended = server.open_as("a key", "default").await;
    assert!(ended.is_err_and(|error| error.to_string().contains("has ended")));
    Ok(())
}

async fn messages_sent_at_once_are_taken_one_after_the_other(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let bots = folder.path().join("bots");
    write_bot(
        &bots,
        "default",
        "n = 0\nWHILE TRUE\n    HEAR word\n    n = n + 1\n    TALK n\nWEND\n",
    )?;
    let server = Server::start(&bots, &folder.path().join("data"))?;
    let talk = server.open("default").await?;
    let say = |i: usize, talk: Talk| {
        tokio::spawn(async move { talk.say_as(&format!("m{i}"), &i.to_string()).await })
    };
    let under_way: Vec<_> = (0..20).map(|i| say(i, talk.clone())).collect();
    let mut counts = Vec::new();
    for answer in under_way {
        let answer = answer.await??;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        counts.push(answer.said()[0].parse::<usize>()?);
    }
    counts.sort();
    assert_eq!(counts, (1..=20).collect::<Vec<_>>());
    assert_eq!(talk.history().await?.said().len(), 40);
    Ok(())
}

async fn refusals_are_problem_documents(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = fresh(setup)?;
    let talk = server.open("default").await?;
    let stranger = talk.with_token(&"x".repeat(43));
    let long = "x".repeat(70_000);
    for (status, answer) in [
        (401, stranger.history().await?),
        (401, stranger.say("hello").await?),
        (400, talk.say("nul \u{0}").await?),
        (413, talk.say(&long).await?),
        (
            422,
            talk.send(
                Method::POST,
                "/api/chat",
                Some(json!({ "message": "x", "message_id": "" })),
            )
            .await?,
        ),
        (404, talk.send(Method::GET, "/api/nothing", None).await?),
        (
            404,
            talk.send(
                Method::POST,
                "/api/session",
                Some(json!({ "bot": "nobody" })),
            )
            .await?,
        ),
        (
            405,
            talk.send(Method::PUT, "/api/chat", Some(json!({}))).await?,
        ),
    ] {
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");
        assert_eq!(answer.body["status"], status, "{answer:?}");
        assert!(answer.body["title"].is_string(), "{answer:?}");
    }
    Ok(())
}

async fn what_is_wrong_with_a_body_is_said_in_words(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = fresh(setup)?;
    let talk = server.open("default").await?;
    let request = || {
        let request = client()?.post(format!("{}/api/chat", server.url()));
        anyhow::Ok(request.bearer_auth(&talk.token))
    };
    let wrong_type = call(request()?.body("message=hello")).await?;
    assert_eq!(wrong_type.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let packed = request()?.header(header::CONTENT_ENCODING, "gzip");
    let packed = call(packed.json(&json!({ "message": "x" }))).await?;
    assert_eq!(packed.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(packed.body["type"], "urn:hearsay:problem:encoded");
    let broken = request()?.header(header::CONTENT_TYPE, "application/json");
    let broken = call(broken.body("{\"message\": x}")).await?;
    let no_number = talk.send(Method::GET, "/api/chat?limit=ten", None).await?;
    let say = async |body| talk.send(Method::POST, "/api/chat", Some(body)).await;
    for (status, answer, detail) in [
        (
            400,
            broken,
            "The body is no JSON: what is in line 1, column 13 does not belong there.",
        ),
        (
            400,
            no_number,
            "The parameter \"limit\" has to be a whole number, from 0.",
        ),
        (
            422,
            say(json!({})).await?,
            "The field \"message\" is missing.",
        ),
        (
            422,
            say(json!({ "message": 5 })).await?,
            "The field \"message\" has to be a text.",
        ),
        (
            422,
            say(json!({ "message": "x", "message_id": "m\u{202e}1" })).await?,
            "A message_id is 1 to 128 printable characters.",
        ),
    ] {
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");
        assert_eq!(answer.body["detail"], detail, "{answer:?}");
    }
    Ok(())
}

/// What a page sends without asking for leave: its body is no JSON.
async fn the_page_of_another_site_begins_no_conversation(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = fresh(setup)?;
    let url = format!("{}/api/session", server.url());
    for (status, name, value) in [
        (403, "sec-fetch-site", "cross-site"),
        (201, "sec-fetch-site", "same-origin"),
        (403, "origin", "https://www.example.org"),
        (201, "user-agent", "no browser"),
    ] {
        let answer = call(client()?.post(&url).header(name, value)).await?;
        assert_eq!(answer.status, status, "{name}: {value}: {answer:?}");
    }
    let page = client()?.post(&url).header("origin", server.url());
    let answer = call(page.json(&json!({}))).await?;
    assert_eq!(answer.status, StatusCode::CREATED, "an older browser");
    Ok(())
}

async fn no_browser_keeps_an_answer(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = fresh(setup)?;
    let talk = server.open("default").await?;
    for (method, path, status) in [
        (Method::POST, "/api/session", 201),
        (Method::GET, "/api/chat", 200),
        (Method::GET, "/api/chat/events", 200),
        (Method::PUT, "/api/chat", 405),
        (Method::GET, "/api/nothing", 404),
        (Method::GET, "/health/live", 200),
    ] {
        let request = client()?.request(method, format!("{}{path}", server.url()));
        let answer = request.bearer_auth(&talk.token).send().await?;
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
    }
    let page = client()?.get(server.url()).send().await?;
    assert_eq!(page.headers()["cache-control"], "no-cache");
    Ok(())
}

async fn an_ended_conversation_is_over(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = fresh(setup)?;
    let talk = server.open("default").await?;
    assert!(
        talk.send(Method::DELETE, "/api/session", None)
            .await?
            .status
            .is_success()
    );
    assert_eq!(talk.history().await?.status, StatusCode::UNAUTHORIZED);
    assert_eq!(talk.say("hello").await?.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

async fn the_server_says_how_it_is(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = fresh(setup)?;
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(
            client()?
                .get(format!("{}{path}", server.url()))
                .send()
                .await?
                .status(),
            StatusCode::OK
        );
    }
    Ok(())
}

async fn figures_are_shown_where_the_operator_wants_them(setup: Setup) -> anyhow::Result<()> {
    let (_folder, hidden) = fresh(setup)?;
    let figures = |server: &Server| format!("{}/metrics", server.url());
    let answer = client()?.get(figures(&hidden)).send().await?;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);

    let folder = setup.folder()?;
    let data = folder.path().join("data");
    let options = ["--metrics-public", "--admin-listen", "127.0.0.1:0"];
    let server = Server::start_with(&repository().join("bots"), &data, &options)?;
    let talk = server.open("default").await?;
    talk.say("Ann").await?;
    let public = client()?.get(figures(&server)).send().await?;
    assert_eq!(public.status(), StatusCode::OK);
    let log = server.log();
    let admin = log
        .lines()
        .find(|line| line.contains("figures and health"))
        .and_then(|line| line.rsplit_once("address="))
        .map(|(_, address)| address.trim());
    let admin = admin.expect("the address in the log");
    let admin = client()?
        .get(format!("http://{admin}/metrics"))
        .send()
        .await?
        .text()
        .await?;
    for text in [admin, public.text().await?] {
        for line in [
            r#"hearsay_turns_total{bot="default",outcome="waiting"} 2"#,
            r#"hearsay_level{of="sessions"} 1"#,
            r#"hearsay_turn_seconds_count{stage="commit"} 2"#,
            r#"hearsay_requests_total{route="/api/chat",status="200"} 1"#,
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        assert!(!text.contains(&talk.token));
    }
    Ok(())
}
