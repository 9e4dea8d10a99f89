//! The command from end to end: the real binary over real files in a folder of its own, and what it
//! writes, prints and returns. Start at [`command::Folder`].

#[path = "check/accounts.rs"]
mod accounts;
#[path = "check/arguments.rs"]
mod arguments;
#[path = "check/command.rs"]
mod command;
#[path = "check/judged_cases.rs"]
mod judged_cases;
#[path = "check/outputs.rs"]
mod outputs;
#[path = "check/pages.rs"]
mod pages;
#[path = "check/quarantine.rs"]
mod quarantine;
mod support;
#[path = "malformed/table.rs"]
mod table;
