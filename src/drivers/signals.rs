//! Asking the process to stop: SIGTERM and SIGINT drain it, a second one ends it at once. Start at
//! [`stop_on_signal`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a process that was asked twice: 128 and SIGINT, as a shell has it.
const ASKED_TWICE: i32 = 130;

/// Sets `stop` when the process is asked to stop.
pub fn stop_on_signal(stop: Arc<AtomicBool>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut terminate, mut interrupt) = {
        let _entered = runtime.enter();
        (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        )
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                loop {
                    tokio::select! {
                        _ = terminate.recv() => {}
                        _ = interrupt.recv() => {}
                    }
                    if stop.swap(true, Ordering::Relaxed) {
                        tracing::warn!("asked to stop a second time: ending without draining");
                        std::process::exit(ASKED_TWICE);
                    }
                    tracing::info!("asked to stop: draining; ask again to end at once");
                }
            });
        })?;
    Ok(())
}
