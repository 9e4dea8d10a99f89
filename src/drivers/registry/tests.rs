//! The client against a registry of a few lines on the loopback: what is asked how often, and what
//! is made of each answer. No test waits for a clock but for the one that it sets to a few
//! milliseconds.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use super::*;

const SCHEMA: &str = r#"{"schema":"{\"type\":\"record\",\"name\":\"C\",\"fields\":[]}"}"#;
const UNKNOWN: &str = r#"{"error_code":40403,"message":"Schema not found"}"#;

#[test]
fn a_schema_is_asked_for_once() {
    let (mut registry, asked) = answered(&[(200, SCHEMA), (200, SCHEMA)], |_| {});
    let first = registry.schema(SchemaName::Id(7)).expect("it is there");
    assert_eq!(registry.schema(SchemaName::Id(7)), Ok(first.clone()));
    assert_eq!(registry.schema(SchemaName::Guid([0x0A; 16])), Ok(first));
    let asked: Vec<_> = asked.try_iter().map(|request| request.path).collect();
    let guid = "/schemas/guids/0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a";
    assert_eq!(asked, ["/schemas/ids/7", guid]);
}

#[test]
fn an_unknown_schema_is_asked_for_again_after_a_while() {
    let (mut registry, asked) = answered(&[(404, UNKNOWN), (200, SCHEMA)], |_| {});
    assert_eq!(registry.schema(SchemaName::Id(7)), Err(NoSchema::Unknown));
    assert_eq!(registry.schema(SchemaName::Id(7)), Err(NoSchema::Unknown));
    assert_eq!(asked.try_iter().count(), 1);
    registry.unknown_for = Duration::ZERO;
    assert!(registry.schema(SchemaName::Id(7)).is_ok());
}

#[test]
fn a_registry_that_stumbles_is_asked_again_and_one_that_lies_is_given_up() {
    let (mut registry, asked) = answered(&[(503, ""), (429, ""), (200, SCHEMA)], |_| {});
    assert!(registry.schema(SchemaName::Id(7)).is_ok());
    assert_eq!(asked.try_iter().count(), 3);
    let (mut registry, asked) = answered(&[(500, ""), (500, ""), (500, ""), (200, SCHEMA)], |_| {});
    let fault = registry.schema(SchemaName::Id(7));
    assert_eq!(
        fault,
        Err(NoSchema::Unreachable("it answers 500".to_owned()))
    );
    assert_eq!(asked.try_iter().count(), 3);
    assert!(
        registry.schema(SchemaName::Id(7)).is_ok(),
        "it is remembered not at all"
    );
    for (status, body) in [
        (401, r#"{"error_code":40101}"#),
        (403, ""),
        (404, "<html>no such page</html>"),
        (404, r#"{"error_code":404,"message":"HTTP 404 Not Found"}"#),
        (200, "<html>log in</html>"),
        (200, r#"{"schemas":[]}"#),
    ] {
        let (mut registry, asked) = answered(&[(status, body)], |_| {});
        let fault = registry.schema(SchemaName::Id(7));
        assert!(
            matches!(fault, Err(NoSchema::Unreachable(_))),
            "{status} {body}: {fault:?}"
        );
        assert_eq!(asked.try_iter().count(), 1, "{status} {body}");
    }
}

#[test]
fn a_registry_that_is_not_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    drop(listener);
    let mut registry = client(&url, |_| {});
    let fault = registry.schema(SchemaName::Id(7));
    assert!(matches!(fault, Err(NoSchema::Unreachable(_))), "{fault:?}");
}

#[test]
fn one_that_never_answers_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let mut registry = client(&url, |reach| {
        reach.timeout = Duration::from_millis(50);
        reach.attempts = 2;
    });
    let fault = registry.schema(SchemaName::Id(7));
    assert!(matches!(fault, Err(NoSchema::Unreachable(_))), "{fault:?}");
}

#[test]
fn what_is_no_avro_schema_is_unusable_for_good() {
    for body in [
        r#"{"schema":"syntax = \"proto3\";","schemaType":"PROTOBUF"}"#,
        r#"{"schema":"{\"type\":\"nonsense\"}"}"#,
    ] {
        let (mut registry, asked) = answered(&[(200, body)], |_| {});
        for _ in 0..2 {
            let fault = registry.schema(SchemaName::Id(7));
            assert!(
                matches!(fault, Err(NoSchema::Unusable(_))),
                "{body}: {fault:?}"
            );
        }
        assert_eq!(asked.try_iter().count(), 1);
    }
}

#[test]
fn schemas_that_a_schema_names_are_fetched_too() {
    let record = r#"{"schema":"{\"type\":\"record\",\"name\":\"C\",\"fields\":[{\"name\":\"by\",\"type\":\"Actor\"}]}",
        "schemaType":"AVRO","references":[{"name":"Actor","subject":"people/actor","version":2}]}"#;
    let actor = r#"{"schema":"{\"type\":\"record\",\"name\":\"Actor\",\"fields\":[]}"}"#;
    let (mut registry, asked) = answered(&[(200, record), (200, actor)], |_| {});
    assert!(registry.schema(SchemaName::Id(7)).is_ok());
    let asked: Vec<_> = asked.try_iter().map(|request| request.path).collect();
    assert_eq!(
        asked,
        ["/schemas/ids/7", "/subjects/people%2Factor/versions/2"]
    );
}

#[test]
fn who_asks_is_said_to_the_registry_and_to_nobody_else() {
    for (auth, said) in [
        (Auth::None, None),
        (
            Auth::Basic {
                user: "rms".to_owned(),
                password: "pass".to_owned(),
            },
            Some("Basic cm1zOnBhc3M="),
        ),
        (Auth::Bearer("token".to_owned()), Some("Bearer token")),
    ] {
        let shown = format!("{auth:?}");
        assert!(
            !shown.contains("pass") && !shown.contains("token"),
            "{shown}"
        );
        let (mut registry, asked) = answered(&[(200, SCHEMA)], |reach| reach.auth = auth.clone());
        assert!(registry.schema(SchemaName::Id(7)).is_ok());
        let request = asked.try_iter().next().expect("it was asked");
        assert_eq!(request.authorization.as_deref(), said);
    }
}

#[test]
fn certificates_that_are_none_are_refused_at_the_start() {
    for pem in [
        &b""[..],
        b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    ] {
        let mut reach = Reach::at("https://localhost");
        reach.ca_pem = Some(pem.to_vec());
        assert!(Registry::new(reach).is_err());
    }
}

/// One request, as far as the tests look at it.
struct Asked {
    path: String,
    authorization: Option<String>,
}

/// A client of a registry that gives these answers, one a connection, and then is gone.
fn answered(
    answers: &[(u16, &'static str)],
    set: impl FnOnce(&mut Reach),
) -> (Registry, Receiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a port");
    let url = format!("http://{}/", listener.local_addr().expect("it is bound"));
    let (tell, asked) = channel();
    let answers = answers.to_vec();
    std::thread::spawn(move || {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().expect("a client comes");
            let copy = stream.try_clone().expect("a stream can be shared");
            let lines = BufReader::new(copy).lines();
            let lines = lines.map(|line| line.expect("the request is text"));
            let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let path = lines[0].split(' ').nth(1).unwrap_or_default().to_owned();
            let mut authorization = None;
            for line in &lines {
                if let Some((name, value)) = line.split_once(": ")
                    && name.eq_ignore_ascii_case("authorization")
                {
                    authorization = Some(value.to_owned());
                }
            }
            if tell
                .send(Asked {
                    path,
                    authorization,
                })
                .is_err()
            {
                return;
            }
            let length = body.len();
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n");
            let answer = format!("{head}Connection: close\r\n\r\n{body}");
            stream
                .write_all(answer.as_bytes())
                .expect("the client reads");
        }
    });
    (client(&url, set), asked)
}

fn client(url: &str, set: impl FnOnce(&mut Reach)) -> Registry {
    let mut reach = Reach::at(url);
    reach.pause = Duration::from_millis(1);
    set(&mut reach);
    Registry::new(reach).expect("there is nothing to trust")
}
