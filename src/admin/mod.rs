//! HTTP: health and metrics on one listener, rules and cases on another. Reads what the stages write
//! on the board and asks the thread that judges; changes nothing. One thread of its own, so that a
//! slow reader slows nobody down. The demonstration has a listener of its own, with a page and switches.
//! Start at [`serve`] and [`serve_demo`].

mod console;
mod demo;
mod health;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

pub use self::demo::Demonstrated;
use crate::config::serve::AdminConfig;
use crate::reference::Library;
use crate::telemetry::question::Question;
use crate::telemetry::{Board, Metrics};

/// How long a reader waits for the thread that judges: longer than any transaction is open.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What is shown.
#[derive(Clone)]
pub struct Shown {
    /// How the stages are.
    pub board: Arc<Board>,
    /// What they count.
    pub metrics: Arc<Metrics>,
    /// What the rules are read with.
    pub library: Arc<Library>,
    /// Where questions about cases go.
    pub questions: Sender<Question>,
    /// How long an answer may take: [`PATIENCE`].
    pub patience: Duration,
}

/// Why HTTP cannot be served.
#[derive(Debug, Error)]
pub enum CannotServe {
    /// The address is taken, or is not ours.
    #[error("{setting} = \"{address}\": {fault}; choose another port, or stop what listens there")]
    Listen {
        /// The setting.
        setting: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        fault: std::io::Error,
    },
    /// No thread or no runtime.
    #[error("the thread that serves HTTP cannot be started: {0}")]
    Thread(std::io::Error),
}

/// HTTP as it is being served; ends when it is dropped.
pub struct Serving {
    /// Where metrics and health are answered.
    pub health: Option<SocketAddr>,
    /// Where the console answers.
    pub console: Option<SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of that thread has been told where it happened.
            let _ = thread.join();
        }
    }
}

/// Opens the listeners that the configuration asks for and serves them from a thread of its own.
pub fn serve(config: &AdminConfig, shown: &Shown) -> Result<Serving, CannotServe> {
    let mut routers = Vec::new();
    let health = config.listen.map(|address| {
        let router = health::router(shown, config.stuck_after);
        open("admin.listen", address, router, &mut routers)
    });
    let health = health.transpose()?;
    let console = config.console.as_ref().map(|console| {
        let router = console::router(shown, &console.token);
        open("admin.console.listen", console.listen, router, &mut routers)
    });
    let console = console.transpose()?;
    start(health, console, routers)
}

/// Opens the listener of the demonstration and serves it from a thread of its own.
pub fn serve_demo(shown: &Demonstrated) -> Result<Serving, CannotServe> {
    let mut routers = Vec::new();
    let router = demo::router(shown);
    let address = open("--listen", shown.listen, router, &mut routers)?;
    start(Some(address), None, routers)
}

/// Listeners with what they answer.
type Routers = Vec<(TcpListener, Router)>;

fn open(
    setting: &'static str,
    address: SocketAddr,
    router: Router,
    routers: &mut Routers,
) -> Result<SocketAddr, CannotServe> {
    let (listener, address) = listen(address).map_err(|fault| CannotServe::Listen {
        setting,
        address,
        fault,
    })?;
    routers.push((listener, router));
    Ok(address)
}

fn start(
    health: Option<SocketAddr>,
    console: Option<SocketAddr>,
    routers: Routers,
) -> Result<Serving, CannotServe> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CannotServe::Thread)?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("admin".to_owned())
        .spawn(move || run(&runtime, routers, stopped))
        .map_err(CannotServe::Thread)?;
    Ok(Serving {
        health,
        console,
        stop: Some(stop),
        thread: Some(thread),
    })
}

fn listen(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves until the other end of `stopped` is gone.
fn run(runtime: &Runtime, routers: Routers, stopped: oneshot::Receiver<()>) {
    runtime.block_on(async move {
        for (listener, router) in routers {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            tokio::spawn(async move {
                match tokio::net::TcpListener::from_std(listener) {
                    // It ends with the runtime; an accept that fails is tried again by axum.
                    Ok(listener) => drop(axum::serve(listener, service).await),
                    Err(fault) => tracing::error!(%fault, "cannot serve http"),
                }
            });
        }
        let _ = stopped.await;
    });
}

/// A value as the body of an answer, with a line end for people who read it in a terminal.
fn as_json(value: &serde_json::Value) -> impl IntoResponse + use<> {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, format!("{value}\n"))
}

#[cfg(test)]
mod tests;
