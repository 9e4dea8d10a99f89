//! `truecount alert`: tells people and their systems of exceptions. Reads the configuration, starts the
//! listener and the threads, and ends with a code that its unit understands. Start at [`run`].

use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Instant as Ticks;

use clap::Args;

use super::arguments::alerting;
use super::running::{asked_to_stop, begin_log, ended, setup};
use super::{Done, print};
use crate::admin::{self, PATIENCE, Shown};
use crate::config::serve::alert::AlertConfig;
use crate::drivers::alert::{Alerting, stages};
use crate::drivers::files::CannotCheck;
use crate::drivers::kafka::EndCode;
use crate::reference::Library;
use crate::telemetry::{Board, Metrics};

/// What `alert` is asked.
#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Arguments {
    /// The configuration; config/alert.toml has every setting with its reason
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Reads the configuration, says what is wrong with it, and ends
    #[arg(long)]
    check_config: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
   0  asked to stop, and stopped
   1  a passing fault lasted too long: starting again may help
   2  configuration, topics or rights have to be changed first
  11  another process runs under the same alert.instance: do not start this one again";

/// Tells, until it is asked to stop.
pub(super) fn run(arguments: &Arguments) -> Done {
    let config = alerting(&arguments.config)?;
    if arguments.check_config {
        print(&format!("{} is sound\n", arguments.config.display()));
        return Ok(EndCode::Done.number());
    }
    tells_somebody(&config)?;
    begin_log(&config.log, &config.warnings)?;
    let board = Arc::new(Board::new(&lasting(stages(&config)), Ticks::now()));
    let metrics = Arc::new(Metrics::new());
    metrics
        .build
        .set([env!("CARGO_PKG_VERSION"), "alert", "-"], 1.0);
    let stop = asked_to_stop()?;
    let (questions, _) = mpsc::channel();
    let shown = Shown {
        board: Arc::clone(&board),
        metrics: Arc::clone(&metrics),
        library: Arc::new(Library::shipped("national").map_err(setup)?),
        questions,
        patience: PATIENCE,
    };
    let listening = admin::serve(&config.admin, &shown).map_err(setup)?;
    tracing::info!(health = ?listening.health, "listening");
    let alerting = Alerting {
        config: Arc::new(config),
        metrics,
        board,
        stop,
    };
    ended(&alerting.run())
}

fn tells_somebody(config: &AlertConfig) -> Result<(), CannotCheck> {
    let tells =
        config.alertmanager.is_some() || !config.webhooks.is_empty() || !config.digests.is_empty();
    tells.then_some(()).ok_or_else(|| {
        setup("nobody is told: write [alertmanager], a [[webhook]] or a [[digest]] into the configuration")
    })
}

/// Names that last as long as the process: the board goes by names that are never taken away.
fn lasting(names: Vec<String>) -> Vec<&'static str> {
    let lasting = names.into_iter().map(|name| &*name.leak());
    lasting.collect()
}
