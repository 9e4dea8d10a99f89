//! The binary: hands the arguments to the commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    truecount::cli::run()
}
