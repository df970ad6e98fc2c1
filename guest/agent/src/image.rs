//! The image's own configuration, and what it says where the pod says nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;

/// A configuration lists history and layers too; real ones are below 100 KiB.
const CONFIGURATION_BYTES_MAX: u64 = 4 * 1024 * 1024;
const DEFAULT_PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

#[derive(Debug, Default, Deserialize)]
struct Document {
    #[serde(default)]
    config: Option<ImageConfig>,
}

/// The part of an OCI image configuration that a container starts from.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageConfig {
    pub user: Option<String>,
    pub env: Option<Vec<String>>,
    pub entrypoint: Option<Vec<String>>,
    pub cmd: Option<Vec<String>>,
    pub working_dir: Option<String>,
    pub stop_signal: Option<String>,
}

impl ImageConfig {
    /// Reads `config.json` of an image disk.
    pub fn read(image: &Path) -> io::Result<ImageConfig> {
        let mut text = String::new();
        fs::File::open(image.join("config.json"))?.take(CONFIGURATION_BYTES_MAX).read_to_string(&mut text)?;
        let document: Document = serde_json::from_str(&text)?;
        Ok(document.config.unwrap_or_default())
    }

    /// A command replaces entrypoint and arguments of the image, arguments alone replace its arguments.
    pub fn arguments(&self, command: &[String], args: &[String]) -> Vec<String> {
        let entrypoint = self.entrypoint.as_deref().unwrap_or_default();
        let cmd = self.cmd.as_deref().unwrap_or_default();
        match (command.is_empty(), args.is_empty()) {
            (false, _) => [command, args].concat(),
            (true, false) => [entrypoint, args].concat(),
            (true, true) => [entrypoint, cmd].concat(),
        }
    }

    /// "NAME=value" of the pod first, the image's where the pod has none, and what every program expects.
    pub fn environment(&self, pod: &[(String, String)], hostname: &str, home: &str, terminal: bool) -> Vec<String> {
        let mut all: Vec<String> = pod.iter().map(|(name, value)| format!("{name}={value}")).collect();
        all.extend(self.env.iter().flatten().cloned());
        all.push(DEFAULT_PATH.to_owned());
        all.push(format!("HOSTNAME={hostname}"));
        all.push(format!("HOME={home}"));
        if terminal {
            all.push("TERM=xterm".to_owned());
        }
        let mut named = BTreeSet::new();
        all.retain(|entry| named.insert(entry.split('=').next().unwrap_or_default().to_owned()));
        all
    }

    /// The number of the image's stop signal, SIGTERM where it has none.
    pub fn stop_signal(&self) -> i32 {
        self.stop_signal.as_deref().and_then(signal_number).unwrap_or(libc::SIGTERM)
    }
}

fn signal_number(text: &str) -> Option<i32> {
    let name = text.strip_prefix("SIG").unwrap_or(text);
    let known = [
        ("HUP", libc::SIGHUP),
        ("INT", libc::SIGINT),
        ("QUIT", libc::SIGQUIT),
        ("ABRT", libc::SIGABRT),
        ("KILL", libc::SIGKILL),
        ("USR1", libc::SIGUSR1),
        ("USR2", libc::SIGUSR2),
        ("TERM", libc::SIGTERM),
        ("CONT", libc::SIGCONT),
        ("STOP", libc::SIGSTOP),
        ("WINCH", libc::SIGWINCH),
        ("PWR", libc::SIGPWR),
    ];
    if let Some((_, number)) = known.into_iter().find(|(known, _)| *known == name) {
        return Some(number);
    }
    // systemd asks for the third real-time signal.
    if let Some(offset) = name.strip_prefix("RTMIN+") {
        return offset.parse::<i32>().ok().map(|offset| libc::SIGRTMIN() + offset).filter(|number| *number <= 64);
    }
    name.parse().ok().filter(|number| (1..=64).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> ImageConfig {
        let text =
            r#"{"config":{"Entrypoint":["/e"],"Cmd":["c"],"Env":["A=1","B=2"],"StopSignal":"SIGQUIT","User":"web"}}"#;
        serde_json::from_str::<Document>(text).unwrap().config.unwrap()
    }

    #[test]
    fn combines_commands_as_kubernetes_does() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(image().arguments(&[], &[]), ["/e", "c"]);
        assert_eq!(image().arguments(&[], &list(&["x"])), ["/e", "x"]);
        assert_eq!(image().arguments(&list(&["y"]), &[]), ["y"]);
        assert_eq!(image().arguments(&list(&["y"]), &list(&["x"])), ["y", "x"]);
    }

    #[test]
    fn lets_the_pods_variables_win() {
        let pod = [("B".to_owned(), "=3".to_owned())];
        let environment = image().environment(&pod, "web-0", "/root", false);
        assert_eq!(environment, ["B==3", "A=1", DEFAULT_PATH, "HOSTNAME=web-0", "HOME=/root"]);
    }

    #[test]
    fn knows_stop_signals_by_name_and_number() {
        assert_eq!(image().stop_signal(), libc::SIGQUIT);
        assert_eq!(
            ["SIGTERM", "TERM", "9", "SIGRTMIN+3", "x"].map(signal_number),
            [Some(15), Some(15), Some(9), Some(libc::SIGRTMIN() + 3), None]
        );
    }
}
