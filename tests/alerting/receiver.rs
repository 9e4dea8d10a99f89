//! A receiver on loopback: takes POSTs, answers what it is told to answer, and remembers all. It can be
//! gone for a while, as a machine is that is started again. Start at [`Receiver::start`].

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// The key that POSTs to it are signed with.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// One POST.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) timestamp: String,
    pub(crate) signature: String,
    pub(crate) token: String,
    pub(crate) body: Vec<u8>,
    /// What it was answered.
    pub(crate) status: u16,
}

impl Post {
    /// What it says.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("it is JSON")
    }

    /// True if the signature is that of the time and the body.
    pub(crate) fn is_signed(&self) -> bool {
        let mut keyed: Hmac<Sha256> = Hmac::new_from_slice(KEY.as_bytes()).expect("any key");
        keyed.update(format!("{}.", self.timestamp).as_bytes());
        keyed.update(&self.body);
        let hash = keyed.finalize().into_bytes();
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        self.signature == format!("v1={hash}")
    }
}

/// What a receiver answers a POST with: a status, and a header more.
type Answers = dyn Fn(&Post) -> (u16, &'static str) + Send + Sync;

/// It listens until it is dropped.
pub(crate) struct Receiver {
    port: u16,
    shared: Arc<Shared>,
    listening: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

struct Shared {
    posts: Mutex<Vec<Post>>,
    answers: Mutex<Box<Answers>>,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("ports are free");
        let port = listener.local_addr().expect("it listens").port();
        let mut receiver = Receiver {
            port,
            shared: Arc::new(Shared {
                posts: Mutex::default(),
                answers: Mutex::new(Box::new(|_| (204, ""))),
            }),
            listening: None,
        };
        receiver.listen(listener);
        receiver
    }

    /// Where it listens.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// From here on it answers so.
    pub(crate) fn answer(
        &self,
        with: impl Fn(&Post) -> (u16, &'static str) + Send + Sync + 'static,
    ) {
        *self.shared.answers.lock().expect("nobody panicked") = Box::new(with);
    }

    /// It is gone: connections end, and new ones are refused.
    pub(crate) fn go_down(&mut self) {
        if let Some((is_up, thread)) = self.listening.take() {
            is_up.store(false, Ordering::SeqCst);
            thread.join().expect("it listened");
        }
    }

    /// It is there again, on the same port.
    pub(crate) fn come_up(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).expect("the port is its own");
        self.listen(listener);
    }

    /// All that came, whatever it was answered.
    pub(crate) fn posts(&self) -> MutexGuard<'_, Vec<Post>> {
        self.shared.posts.lock().expect("nobody panicked")
    }

    /// What it has taken on a path, in order.
    pub(crate) fn taken(&self, path: &str) -> Vec<Post> {
        let posts = self.posts();
        let taken = posts
            .iter()
            .filter(|post| post.status < 300 && post.path == path);
        taken.cloned().collect()
    }

    fn listen(&mut self, listener: TcpListener) {
        listener.set_nonblocking(true).expect("it can");
        let is_up = Arc::new(AtomicBool::new(true));
        let (shared, up) = (Arc::clone(&self.shared), Arc::clone(&is_up));
        let thread = std::thread::spawn(move || {
            let mut connections = Vec::new();
            while up.load(Ordering::SeqCst) {
                match listener.accept() {
                    Ok((stream, _)) => {
                        let (shared, up) = (Arc::clone(&shared), Arc::clone(&up));
                        connections.push(std::thread::spawn(move || serve(&stream, &shared, &up)));
                    }
                    Err(_) => std::thread::sleep(Duration::from_millis(2)),
                }
            }
            drop(listener);
            for connection in connections {
                connection.join().expect("it served");
            }
        });
        self.listening = Some((is_up, thread));
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some((is_up, thread)) = self.listening.take() {
            is_up.store(false, Ordering::SeqCst);
            let _ = thread.join();
        }
    }
}

/// Serves one connection until either side has enough.
fn serve(stream: &TcpStream, shared: &Shared, is_up: &AtomicBool) {
    stream.set_nonblocking(false).expect("it can");
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .expect("it can");
    let mut reader = BufReader::new(stream);
    while is_up.load(Ordering::SeqCst) {
        match reader.fill_buf() {
            Ok([]) => return,
            Ok(_) => {}
            Err(fault) if is_patience(&fault) => continue,
            Err(_) => return,
        }
        let Some(mut post) = read(&mut reader) else {
            return;
        };
        let (status, header) = (shared.answers.lock().expect("nobody panicked"))(&post);
        post.status = status;
        shared.posts.lock().expect("nobody panicked").push(post);
        let answer = format!("HTTP/1.1 {status} so\r\nContent-Length: 0\r\n{header}\r\n");
        // A sender that was killed meanwhile does not hear it: that is what is tested.
        if (&mut &*stream).write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn is_patience(fault: &std::io::Error) -> bool {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    matches!(fault.kind(), TimedOut | WouldBlock)
}

/// One request, if it comes whole.
fn read(reader: &mut BufReader<&TcpStream>) -> Option<Post> {
    let first = line(reader)?;
    let mut post = Post {
        path: first.split(' ').nth(1)?.to_owned(),
        key: String::new(),
        timestamp: String::new(),
        signature: String::new(),
        token: String::new(),
        body: Vec::new(),
        status: 0,
    };
    let mut length = 0;
    loop {
        let line = line(reader)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        let value = value.trim().to_owned();
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "idempotency-key" => post.key = value,
            "truecount-timestamp" => post.timestamp = value,
            "truecount-signature" => post.signature = value,
            "authorization" => post.token = value,
            _ => {}
        }
    }
    post.body = vec![0; length];
    let mut at = 0;
    while at < length {
        match reader.read(&mut post.body[at..]) {
            Ok(0) => return None,
            Ok(some) => at += some,
            Err(fault) if is_patience(&fault) => {}
            Err(_) => return None,
        }
    }
    Some(post)
}

fn line(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let mut line = String::new();
    let began = Instant::now();
    loop {
        match reader.read_line(&mut line) {
            Ok(0) => return None,
            Ok(_) => return Some(line.trim_end().to_owned()),
            Err(fault) if is_patience(&fault) && began.elapsed() < Duration::from_secs(5) => {}
            Err(_) => return None,
        }
    }
}
