//! The records of a pax extended header: "<length> <key>=<value>\n".

use super::header::{Time, invalid};
use crate::error::{PullError, PullOutcome, Reason};

const XATTR_PREFIX: &[u8] = b"SCHILY.xattr.";

/// What an extended header changes in the entry that follows it.
#[derive(Debug, Default)]
pub struct Extension {
    pub path: Option<Vec<u8>>,
    pub link_path: Option<Vec<u8>>,
    pub size: Option<u64>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    pub modified: Option<Time>,
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Extension {
    pub fn apply_records(&mut self, mut records: &[u8]) -> PullOutcome<()> {
        while !records.is_empty() {
            let (record, rest) = split_record(records)?;
            let equals =
                record.iter().position(|byte| *byte == b'=').ok_or_else(|| invalid("a pax record has no value"))?;
            self.apply(&record[..equals], &record[equals + 1..])?;
            records = rest;
        }
        Ok(())
    }

    fn apply(&mut self, key: &[u8], value: &[u8]) -> PullOutcome<()> {
        match key {
            b"path" => self.path = Some(value.to_vec()),
            b"linkpath" => self.link_path = Some(value.to_vec()),
            b"size" => self.size = Some(decimal(value)?),
            b"uid" => self.uid = Some(decimal(value)?),
            b"gid" => self.gid = Some(decimal(value)?),
            b"mtime" => self.modified = Some(time(value)?),
            _ if key.starts_with(b"GNU.sparse.") => {
                return Err(PullError::new(Reason::Unsupported, "sparse files in archives are not supported"));
            }
            _ => {
                if let Some(name) = key.strip_prefix(XATTR_PREFIX) {
                    self.xattrs.push((name.to_vec(), value.to_vec()));
                }
            }
        }
        Ok(())
    }
}

/// The first record without its length and its line feed, and what follows.
fn split_record(records: &[u8]) -> PullOutcome<(&[u8], &[u8])> {
    let malformed = || invalid("a pax record is malformed");
    let space = records.iter().take(20).position(|byte| *byte == b' ').ok_or_else(malformed)?;
    let length: usize = decimal(&records[..space])?;
    if length <= space + 1 || length > records.len() || records[length - 1] != b'\n' {
        return Err(malformed());
    }
    Ok((&records[space + 1..length - 1], &records[length..]))
}

fn decimal<T: std::str::FromStr>(value: &[u8]) -> PullOutcome<T> {
    let is_plain = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let number = if is_plain { std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()) } else { None };
    number.ok_or_else(|| invalid("a number in a pax record is out of range"))
}

/// Seconds with an optional fraction, possibly before the epoch.
fn time(value: &[u8]) -> PullOutcome<Time> {
    let malformed = || invalid("a time in a pax record is malformed");
    let text = std::str::from_utf8(value).map_err(|_| malformed())?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().map_err(|_| malformed())?;
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(malformed());
    }
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let nanoseconds: u32 = digits.parse().map_err(|_| malformed())?;
    if text.starts_with('-') && nanoseconds > 0 {
        return Ok(Time { seconds: seconds.saturating_sub(1), nanoseconds: 1_000_000_000 - nanoseconds });
    }
    Ok(Time { seconds, nanoseconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_records() {
        let mut extension = Extension::default();
        let records = b"12 path=a/b\n20 mtime=-1.5000000\n12 uid=7000\n30 SCHILY.xattr.user.a=x=\ny\0z\n";
        extension.apply_records(records).unwrap();
        assert_eq!(extension.path.as_deref(), Some(&b"a/b"[..]));
        assert_eq!(extension.modified, Some(Time { seconds: -2, nanoseconds: 500_000_000 }));
        assert_eq!(extension.uid, Some(7000));
        assert_eq!(extension.xattrs, [(b"user.a".to_vec(), b"x=\ny\0z".to_vec())]);
    }

    #[test]
    fn refuses_malformed_records() {
        for records in [
            &b"5 a=b\n"[..],
            b"0 a=b\n",
            b"99 a=b\n",
            b"x a=b\n",
            b"6 a=b\n7",
            b"8 uid=-1\n",
            b"27 size=99999999999999999999\n",
            b"22 GNU.sparse.major=1\n",
        ] {
            assert!(Extension::default().apply_records(records).is_err(), "{}", String::from_utf8_lossy(records));
        }
    }
}
