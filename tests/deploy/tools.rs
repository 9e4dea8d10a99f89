//! The tools of operators, run on files of the repository. A tool that is missing fails the test and
//! says what to install. Start at [`run`].

use std::process::Command;

use super::tree;

/// A command and how it is had.
pub(crate) struct Tool {
    command: &'static str,
    /// The variable that names another one.
    variable: &'static str,
    package: &'static str,
}

/// Checks rules and configuration of Prometheus.
pub(crate) const PROMTOOL: Tool = Tool {
    command: "promtool",
    variable: "PROMTOOL",
    package: "prometheus",
};

/// Checks and asks Alertmanager.
pub(crate) const AMTOOL: Tool = Tool {
    command: "amtool",
    variable: "AMTOOL",
    package: "prometheus-alertmanager",
};

/// Alertmanager itself.
pub(crate) const ALERTMANAGER: Tool = Tool {
    command: "prometheus-alertmanager",
    variable: "ALERTMANAGER",
    package: "prometheus-alertmanager",
};

/// Checks units of systemd.
pub(crate) const SYSTEMD_ANALYZE: Tool = Tool {
    command: "systemd-analyze",
    variable: "SYSTEMD_ANALYZE",
    package: "systemd",
};

impl Tool {
    /// Its command, in a folder of the repository.
    pub(crate) fn command(&self, folder: &str) -> Command {
        let named = std::env::var(self.variable).unwrap_or_else(|_| self.command.to_owned());
        let mut command = Command::new(named);
        command.current_dir(tree::root().join(folder));
        command
    }

    /// Why it could not be started, with what to do.
    pub(crate) fn missing(&self, fault: &std::io::Error) -> String {
        let Tool {
            command,
            variable,
            package,
        } = self;
        format!("{command}: {fault}; apt-get install {package}, or name it in {variable}")
    }
}

/// Runs a tool, which has to succeed. Gives what it printed, but for warnings of amtool about its own
/// arguments.
pub(crate) fn run(tool: &Tool, arguments: &[&str], folder: &str) -> String {
    let output = tool.command(folder).args(arguments).output();
    let output = output.unwrap_or_else(|fault| panic!("{}", tool.missing(&fault)));
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    assert!(output.status.success(), "{arguments:?}:\n{printed}");
    let lines = printed
        .lines()
        .filter(|line| !line.starts_with("Warning: --config.file"));
    lines.map(|line| format!("{line}\n")).collect()
}
