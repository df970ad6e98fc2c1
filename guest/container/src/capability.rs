//! Linux capabilities by the names that people write.

use std::fmt;

/// In the order of their numbers.
const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// A set of capabilities.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CapabilitySet(u64);

/// What a container has when nobody says otherwise, as users of container runtimes know it.
pub const DEFAULT_CAPABILITIES: [&str; 14] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FSETID",
    "FOWNER",
    "MKNOD",
    "NET_RAW",
    "SETGID",
    "SETUID",
    "SETFCAP",
    "SETPCAP",
    "NET_BIND_SERVICE",
    "SYS_CHROOT",
    "KILL",
    "AUDIT_WRITE",
];

impl CapabilitySet {
    pub const EMPTY: CapabilitySet = CapabilitySet(0);
    pub const ALL: CapabilitySet = CapabilitySet((1 << NAMES.len()) - 1);

    /// The default set without `drop` and with `add`; "ALL" stands for every capability. A name nobody knows is returned.
    ///
    /// # Errors
    /// The first unknown name.
    pub fn from_changes(add: &[String], drop: &[String]) -> Result<CapabilitySet, String> {
        let mut set = CapabilitySet::EMPTY;
        for name in DEFAULT_CAPABILITIES {
            set.0 |= bits_of(name)?;
        }
        for name in drop.iter().filter(|name| is_all(name)) {
            set.0 &= !bits_of(name)?;
        }
        for name in add.iter().filter(|name| is_all(name)) {
            set.0 |= bits_of(name)?;
        }
        for name in add.iter().filter(|name| !is_all(name)) {
            set.0 |= bits_of(name)?;
        }
        for name in drop.iter().filter(|name| !is_all(name)) {
            set.0 &= !bits_of(name)?;
        }
        Ok(set)
    }

    #[must_use]
    pub fn contains(self, number: u32) -> bool {
        number < u64::BITS && self.0 & (1 << number) != 0
    }

    #[must_use]
    pub fn has_system_administration(self) -> bool {
        bits_of("SYS_ADMIN").is_ok_and(|bit| self.0 & bit != 0)
    }

    pub(crate) fn bits(self) -> u64 {
        self.0
    }
}

fn is_all(name: &str) -> bool {
    name.eq_ignore_ascii_case("ALL")
}

fn bits_of(name: &str) -> Result<u64, String> {
    if is_all(name) {
        return Ok(CapabilitySet::ALL.0);
    }
    let upper = name.to_ascii_uppercase();
    let plain = upper.strip_prefix("CAP_").unwrap_or(&upper);
    match NAMES.iter().position(|known| *known == plain) {
        Some(number) => Ok(1 << number),
        None => Err(name.to_owned()),
    }
}

impl fmt::Debug for CapabilitySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().enumerate().filter(|(number, _)| self.0 & (1 << number) != 0).map(|(_, name)| name);
        f.debug_set().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(add: &[&str], drop: &[&str]) -> CapabilitySet {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        CapabilitySet::from_changes(&owned(add), &owned(drop)).unwrap()
    }

    #[test]
    fn knows_the_default_set_of_container_runtimes() {
        assert_eq!(set(&[], &[]).bits(), 0xa804_25fb);
    }

    #[test]
    fn adds_back_one_of_all_dropped() {
        assert_eq!(set(&["NET_BIND_SERVICE"], &["ALL"]).bits(), 1 << 10);
        assert_eq!(set(&["ALL"], &["CAP_SYS_ADMIN"]).bits(), CapabilitySet::ALL.bits() & !(1 << 21));
    }

    #[test]
    fn names_the_capability_that_does_not_exist() {
        assert_eq!(CapabilitySet::from_changes(&["FLY".to_owned()], &[]), Err("FLY".to_owned()));
    }
}
