//! A month flows in while processes and the broker are killed and the group changes: what stands in
//! the topics afterwards is what stands there undisturbed.

use std::thread;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::flow::{FROM, Flow};
use crate::plan::Plan;
use crate::readers::Follower;
use crate::rig::Rig;
use crate::serving::Serving;

const FORCES: [&str; 3] = ["kent", "essex", "northamptonshire"];
const INSTANCES: [&str; 3] = ["0", "1", "2"];
const SEED: u64 = 20_260_501;
/// What holds of a force is shown anew every ten seconds.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);

#[test]
fn a_month_stands_as_undisturbed_whatever_is_killed() {
    let rig = Rig::fresh(&[]);
    let plan = Plan::generated(rig.access(), &FORCES, FROM, 2, 2, "json");
    let month = Flow::of(&plan, 60);
    let follower = Follower::follow(rig.access(), &plan.output("exceptions"));
    let mut processes = INSTANCES.map(|instance| Serving::launch(&plan, instance));
    for process in &mut processes {
        process.wait_until_ready();
    }
    let flowing = month.begin(SEED, Some(18));
    let mut chance = ChaCha8Rng::seed_from_u64(SEED);
    let mut kills_while_it_flowed = 0;
    for round in 0..10 {
        wait(&mut chance, 500..2_500);
        if round == 3 || round == 7 {
            rig.kill9();
        }
        kills_while_it_flowed += u32::from(!flowing.is_finished());
        let struck = chance.random_range(0..processes.len());
        processes[struck].kill9();
        wait(&mut chance, 0..1_000);
        if round == 3 || round == 7 {
            rig.start_again();
        }
        processes[struck] = Serving::launch(&plan, INSTANCES[struck]);
        if round == 5 {
            join_and_leave(&plan);
        }
    }
    assert!(
        kills_while_it_flowed >= 5,
        "only {kills_while_it_flowed} of 10 while records flowed"
    );
    flowing.join().expect("every record was sent");
    for (process, instance) in processes.iter_mut().zip(INSTANCES) {
        // As its unit does: a process that met no broker in time is started again.
        if process.exit_code() == Some(Some(1)) {
            *process = Serving::launch(&plan, instance);
        }
        process.wait_until_ready();
    }
    plan.wait_until_judged();
    for force in FORCES {
        wait_until_balanced(&processes, force);
    }
    for process in &mut processes {
        let restarts = process.metric("truecount_stage_restarts_total", "");
        assert!(restarts.unwrap_or(0.0) < 20.0, "{restarts:?}");
        assert_eq!(process.stop(), Some(0));
    }
    month.holds(Some(follower));
}

/// A further process comes, is given its share, and goes.
fn join_and_leave(plan: &Plan) {
    let mut joining = Serving::start(plan, "joining");
    assert_eq!(joining.stop(), Some(0));
}

fn wait(chance: &mut ChaCha8Rng, millis: std::ops::Range<u64>) {
    thread::sleep(Duration::from_millis(chance.random_range(millis)));
}

/// Whoever holds a force says that nothing is off.
fn wait_until_balanced(processes: &[Serving], force: &str) {
    let label = format!("force={force:?}");
    let started = Instant::now();
    loop {
        let off = |process: &Serving| process.metric("truecount_balance_off", &label);
        let said: Vec<f64> = processes.iter().filter_map(off).collect();
        if said == [0.0] {
            return;
        }
        assert!(
            started.elapsed() < SHOWN_WITHIN,
            "{force} is off by {said:?}"
        );
        thread::sleep(Duration::from_millis(500));
    }
}
