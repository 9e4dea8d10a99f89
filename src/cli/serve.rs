//! `truecount serve`: the service. Reads the configuration, opens the rules, starts the listeners and
//! the stages, and ends with a code that its unit understands. Start at [`run`].

use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Instant as Ticks;

use clap::Args;

use super::arguments::service;
use super::running::{asked_to_stop, begin_log, ended, setup};
use super::{Done, print};
use crate::admin::{self, PATIENCE, Shown};
use crate::config::serve::ServiceConfig;
use crate::drivers::files::CannotCheck;
use crate::drivers::kafka::{Asking, EndCode, Serving, Telling};
use crate::reference::Library;
use crate::telemetry::{Board, Metrics};
use crate::validation::RuleSet;

/// What `serve` is asked.
#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Arguments {
    /// The configuration; config/truecount.toml has every setting with its reason
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Reads the configuration, says what is wrong with it, and ends
    #[arg(long)]
    check_config: bool,
    /// Judges by this process's rule set though a newer one has judged: everything is judged again
    #[arg(long)]
    go_back: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
   0  asked to stop, and drained
   1  a passing fault lasted too long: starting again may help
   2  configuration, topics or rights have to be changed first
  10  a newer rule set has judged: this process is old, do not start it again
  11  another process runs under the same service.instance: do not start this one again
  12  what the topics hold does not fit together: a person has to look first";

/// Runs the service.
pub(super) fn run(arguments: &Arguments) -> Done {
    let config = service(&arguments.config)?;
    if arguments.check_config {
        print(&format!("{} is sound\n", arguments.config.display()));
        return Ok(EndCode::Done.number());
    }
    begin_log(&config.log, &config.warnings)?;
    let rules = RuleSet::of(library(&config)?);
    let stages: Vec<&'static str> = [
        (config.stages.intake, "intake"),
        (config.stages.validation, "validation"),
    ]
    .into_iter()
    .filter_map(|(is_on, stage)| is_on.then_some(stage))
    .collect();
    let board = Arc::new(Board::new(&stages, Ticks::now()));
    let metrics = Arc::new(Metrics::new());
    metrics.build.set(
        [
            env!("CARGO_PKG_VERSION"),
            rules.fingerprint(),
            &config.validation.profile,
        ],
        1.0,
    );
    let stop = asked_to_stop()?;
    let (questions, asked) = mpsc::channel();
    let shown = Shown {
        board: Arc::clone(&board),
        metrics: Arc::clone(&metrics),
        library: Arc::new(library(&config)?),
        questions,
        patience: PATIENCE,
    };
    let listening = admin::serve(&config.admin, &shown).map_err(setup)?;
    tracing::info!(health = ?listening.health, console = ?listening.console, "listening");
    let telling = Telling::new(metrics, board);
    let serving = Serving {
        config,
        rules,
        asking: Asking::new(Some(asked)),
        telling,
        stop,
        goes_back: arguments.go_back,
    };
    ended(&serving.run())
}

fn library(config: &ServiceConfig) -> Result<Library, CannotCheck> {
    Library::shipped(&config.validation.profile).map_err(setup)
}
