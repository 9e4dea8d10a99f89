//! `truecount demo`: the service at work on invented traffic, in one process and without a broker, with
//! a page to look at. Opens the rules and the listener, and lets time pass. Start at [`run`].

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant as Ticks;

use clap::Args;
use tracing::Level;

use super::generate::{SPEED, THINGS_A_DAY, force_is_known, share};
use super::running::{asked_to_stop, setup};
use super::{DONE, Done, print};
use crate::admin::{self, Demonstrated};
use crate::demo::{Asked, Picture, Window, World};
use crate::domain::LondonDay;
use crate::drivers::demo::{Demonstration, STAGES};
use crate::drivers::files::CannotCheck;
use crate::generate;
use crate::reference::Library;
use crate::telemetry::logs::{self, Log};
use crate::telemetry::{Board, Metrics};
use crate::validation::RuleSet;

/// The first day of the made-up force: a Friday, and late enough that undated rules judge.
const FIRST: LondonDay = LondonDay::of(2026, 5, 1);
/// A day a second: faster, one sees nothing.
const SPEED_MAX: f64 = 86_400.0;
/// Days that are run through at the start, so that every rule has something to say.
const AHEAD: u32 = 10;
/// The published calendar of bank holidays goes further than this.
const DAYS_MAX: u32 = 365;

/// What `demo` is asked.
#[derive(Args)]
#[command(after_help = AFTER)]
pub(super) struct Arguments {
    /// Where the page, /metrics, /live and /ready are answered; port 0 takes one that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many seconds pass in the force for one of ours: 600 is a day in 144 seconds
    #[arg(long, value_name = "N", default_value_t = SPEED)]
    speed: f64,
    /// What the invented traffic follows from
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The force under whose code the invented records are filed
    #[arg(long, value_name = "F", default_value = "northamptonshire")]
    force: String,
    /// Incidents and crimes in 30 days [default: 150 a day]
    #[arg(long, value_name = "N")]
    things: Option<u32>,
    /// The share of stories that go wrong, from 0 to 1
    #[arg(long, value_name = "RATE", default_value_t = 0.13)]
    defects: f64,
    /// The share of stories that only look as if, from 0 to 1
    #[arg(long, value_name = "RATE", default_value_t = 0.13)]
    near_misses: f64,
    /// Days of the force after which it begins anew with other records, so that memory is bounded
    #[arg(long, value_name = "N", default_value_t = 60)]
    days: u32,
}

const AFTER: &str = "\
The traffic is invented: no such incident, crime or victim exists, and nothing that is shown says anything of the force \
whose code it bears. Nothing is written to disk. Whoever can reach the address can read the page and, from it, turn its \
switches. Ctrl-C ends it.";

/// Shows the service at work until it is asked to stop.
pub(super) fn run(arguments: &Arguments) -> Done {
    let asked = arguments.asked().map_err(CannotCheck::Setup)?;
    let level = Level::ERROR;
    logs::start(Log { json: false, level }).map_err(setup)?;
    let library = Library::shipped("national").map_err(setup)?;
    let rules = Arc::new(RuleSet::of(library));
    let board = Arc::new(Board::new(&STAGES, Ticks::now()));
    let metrics = Arc::new(Metrics::new());
    let profile = &rules.library().profile().name;
    let build = [env!("CARGO_PKG_VERSION"), rules.fingerprint(), profile];
    metrics.build.set(build, 1.0);
    let stop = asked_to_stop()?;
    let world = World::new(asked, Arc::clone(&rules));
    let (window, turned) = Window::of(Picture::of(&world, arguments.speed));
    let shown = Demonstrated {
        listen: arguments.listen,
        board: Arc::clone(&board),
        metrics: Arc::clone(&metrics),
        window: window.clone(),
    };
    let listening = admin::serve_demo(&shown).map_err(setup)?;
    print(&greeting(listening.health.unwrap_or(arguments.listen)));
    let demonstration = Demonstration {
        rules,
        metrics,
        board,
        window,
        turned,
        speed: arguments.speed,
        stop,
    };
    demonstration.run(world);
    Ok(DONE)
}

fn greeting(address: SocketAddr) -> String {
    format!(
        "Truecount demonstration. The traffic is invented: no such incident, crime or victim exists.\n\
         Look at http://{address}/ ; metrics for Prometheus are at http://{address}/metrics .\n\
         Ctrl-C ends it.\n"
    )
}

impl Arguments {
    /// What is asked, or everything that is wrong with it.
    fn asked(&self) -> Result<Asked, Vec<String>> {
        let mut problems = Vec::new();
        force_is_known(&self.force, &mut problems);
        if !(self.speed > 0.0 && self.speed <= SPEED_MAX) {
            let speed = self.speed;
            problems.push(format!(
                "--speed {speed}: expected a number above 0 and at most {SPEED_MAX}"
            ));
        }
        if !(AHEAD + 1..=DAYS_MAX).contains(&self.days) {
            let (days, least) = (self.days, AHEAD + 1);
            problems.push(format!(
                "--days {days}: expected {least} to {DAYS_MAX}, since the first {AHEAD} are run through \
                 at the start"
            ));
        }
        if self.things == Some(0) {
            problems.push("--things 0: expected at least 1".to_owned());
        }
        let defects = share("--defects", self.defects, &mut problems);
        let near_misses = share("--near-misses", self.near_misses, &mut problems);
        if self.defects + self.near_misses > 1.0 {
            problems.push("--defects and --near-misses are more than 1 together".to_owned());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let traffic = generate::Asked {
            force: self.force.as_str().into(),
            from: FIRST,
            days: None,
            seed: self.seed,
            things_a_day: self
                .things
                .map_or(THINGS_A_DAY, |all| all.div_ceil(30).max(1)),
            defects,
            near_misses,
            nightly: None,
        };
        Ok(Asked {
            traffic,
            ahead: AHEAD,
            days: self.days,
        })
    }
}
