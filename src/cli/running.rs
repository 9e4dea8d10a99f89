//! What every command does that runs until it is asked to stop: it begins its log, hears signals, and
//! ends with a code that its unit understands. Start at [`ended`].

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::Done;
use crate::config::serve::{LogConfig, LogFormat};
use crate::drivers::files::CannotCheck;
use crate::drivers::kafka::{EndCode, Ending};
use crate::drivers::signals::stop_on_signal;
use crate::telemetry::logs::{self, Log};

/// Begins the log with what the configuration warns of.
pub(super) fn begin_log(config: &LogConfig, warnings: &[String]) -> Result<(), CannotCheck> {
    logs::start(Log {
        json: config.format == LogFormat::Json,
        level: config.level,
    })
    .map_err(setup)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    Ok(())
}

/// Becomes true when the process is asked to stop.
pub(super) fn asked_to_stop() -> Result<Arc<AtomicBool>, CannotCheck> {
    let stop = Arc::new(AtomicBool::new(false));
    stop_on_signal(Arc::clone(&stop))
        .map_err(|error| setup(format!("cannot listen for signals: {error}")))?;
    Ok(stop)
}

/// Says how it ended: a fault also to whoever sees the error stream and no log.
pub(super) fn ended(ending: &Ending) -> Done {
    if ending.code == EndCode::Done {
        tracing::info!("{}", ending.says);
    } else {
        eprintln!("truecount: {}", ending.says);
    }
    Ok(ending.code.number())
}

/// Something has to be set up otherwise before it can begin.
pub(super) fn setup(says: impl ToString) -> CannotCheck {
    CannotCheck::Setup(vec![says.to_string()])
}
