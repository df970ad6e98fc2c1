//! One 512-byte header block.

use crate::error::{PullError, PullOutcome, Reason};

pub const BLOCK_BYTES: usize = 512;

/// Seconds and nanoseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Time {
    pub seconds: i64,
    pub nanoseconds: u32,
}

/// The fields as they stand in the block.
#[derive(Debug)]
pub struct Header {
    pub name: Vec<u8>,
    pub link_name: Vec<u8>,
    pub type_flag: u8,
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub size: u64,
    pub modified: Time,
    pub device_major: u32,
    pub device_minor: u32,
}

impl Header {
    pub fn parse(block: &[u8; BLOCK_BYTES]) -> PullOutcome<Self> {
        check_sum(block)?;
        let mut name = text(&block[0..100]);
        // Only POSIX archives have a prefix there; GNU's have times.
        if &block[257..263] == b"ustar\0" {
            let prefix = text(&block[345..500]);
            if !prefix.is_empty() {
                name = [prefix, name].join(&b'/');
            }
        }
        let modified = number(&block[136..148])?;
        Ok(Self {
            name,
            link_name: text(&block[157..257]),
            type_flag: block[156],
            mode: narrow(number(&block[100..108])?, "mode")? & 0o7777,
            uid: narrow(number(&block[108..116])?, "owner")?,
            gid: narrow(number(&block[116..124])?, "group")?,
            size: u64::try_from(number(&block[124..136])?).map_err(|_| invalid("an entry has a negative size"))?,
            modified: Time { seconds: modified, nanoseconds: 0 },
            device_major: narrow(number(&block[329..337]).unwrap_or(0), "device number")?,
            device_minor: narrow(number(&block[337..345]).unwrap_or(0), "device number")?,
        })
    }
}

pub fn invalid(text: &str) -> PullError {
    PullError::new(Reason::InvalidImage, text)
}

fn narrow(value: i64, field: &str) -> PullOutcome<u32> {
    u32::try_from(value).map_err(|_| invalid(&format!("an entry's {field} is out of range")))
}

/// Up to the first NUL, which a field that is full lacks.
fn text(field: &[u8]) -> Vec<u8> {
    field.split(|byte| *byte == 0).next().unwrap_or_default().to_vec()
}

/// Octal digits, or GNU's base 256 where the first bit is set.
fn number(field: &[u8]) -> PullOutcome<i64> {
    let out_of_range = || invalid("a number in an entry's header is out of range");
    if let Some((first, rest)) = field.split_first()
        && first & 0x80 != 0
    {
        let is_negative = first & 0x40 != 0;
        let start = if is_negative { -1i64 } else { 0 };
        // The first byte's low bits, its sign spread over the rest.
        let start = start.wrapping_shl(6) | i64::from(first & 0x3f);
        return rest
            .iter()
            .try_fold(start, |value, byte| value.checked_mul(256).map(|value| value + i64::from(*byte)))
            .ok_or_else(out_of_range);
    }
    let digits = field.iter().skip_while(|byte| **byte == b' ').take_while(|byte| !matches!(byte, 0 | b' '));
    digits.clone().try_fold(0i64, |value, digit| match digit {
        b'0'..=b'7' => value.checked_mul(8).map(|value| value + i64::from(digit - b'0')).ok_or_else(out_of_range),
        _ => Err(invalid("a number in an entry's header is not octal")),
    })
}

fn check_sum(block: &[u8; BLOCK_BYTES]) -> PullOutcome<()> {
    let expected = number(&block[148..156])?;
    let bytes = || block.iter().enumerate().map(|(index, byte)| if (148..156).contains(&index) { b' ' } else { *byte });
    let unsigned: i64 = bytes().map(i64::from).sum();
    // Some old programs summed signed characters.
    let signed: i64 = bytes().map(|byte| i64::from(i8::from_ne_bytes([byte]))).sum();
    if expected == unsigned || expected == signed {
        Ok(())
    } else {
        Err(invalid("an entry's header has a wrong checksum"))
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn reads_octal_and_base_256() {
        assert_eq!(number(b"0000644\0").unwrap(), 0o644);
        assert_eq!(number(b"    17 \0").unwrap(), 0o17);
        assert_eq!(number(b"\0\0\0\0").unwrap(), 0);
        assert_eq!(number(&[0x80, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]).unwrap(), 2 << 24);
        assert_eq!(number(&[0xff; 12]).unwrap(), -1);
    }

    #[test]
    fn refuses_what_is_no_number() {
        assert!(number(b"89\0").is_err());
        assert!(number(b"-1\0").is_err());
        assert!(number(&[0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).is_err());
    }
}
