//! The table of group descriptors, written in bounded pieces however large the disk is.

use std::fs::File;
use std::os::unix::fs::FileExt;

use crate::geometry::{DESCRIPTOR_BYTES, Geometry, INODES_USED};
use crate::{BLOCK_BYTES, Error};

/// The inode bitmap was never written and counts as empty.
const INODES_UNINITIALIZED: u16 = 1;
/// The block bitmap was never written; the kernel works it out from the layout.
const BLOCKS_UNINITIALIZED: u16 = 2;
/// The inode table reads as zeros, so no background thread has to write them.
const INODE_TABLE_ZEROED: u16 = 4;

/// A piece of the table; 256 KiB describe a terabyte.
const PIECE_BYTES: usize = 256 * 1024;

pub fn write_all(disk: &File, geometry: &Geometry, uuid: &[u8; 16]) -> Result<(), Error> {
    let seed = crc16(u16::MAX, uuid);
    let mut offset = BLOCK_BYTES;
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    for group in 0..geometry.groups {
        piece.extend_from_slice(&descriptor(geometry, group, seed));
        if piece.len() == PIECE_BYTES || group + 1 == geometry.groups {
            disk.write_all_at(&piece, offset)
                .map_err(|source| Error::Io { step: "writing the group descriptors", source })?;
            offset += piece.len() as u64;
            piece.clear();
        }
    }
    Ok(())
}

fn descriptor(geometry: &Geometry, group: u64, seed: u16) -> [u8; DESCRIPTOR_BYTES as usize] {
    let is_first = group == 0;
    let used_inodes = if is_first { INODES_USED } else { 0 };
    let free_inodes = (geometry.inodes_per_group - used_inodes) as u16;
    let mut flags = INODE_TABLE_ZEROED;
    if !is_first {
        flags |= INODES_UNINITIALIZED;
        if group + 1 < geometry.groups {
            flags |= BLOCKS_UNINITIALIZED;
        }
    }
    let directories: u16 = if is_first { 2 } else { 0 };

    let mut descriptor = [0; DESCRIPTOR_BYTES as usize];
    let mut put = |offset: usize, value: &[u8]| descriptor[offset..offset + value.len()].copy_from_slice(value);
    put(0x00, &(geometry.block_bitmap_block(group) as u32).to_le_bytes());
    put(0x04, &(geometry.inode_bitmap_block(group) as u32).to_le_bytes());
    put(0x08, &(geometry.inode_table_block(group) as u32).to_le_bytes());
    put(0x0c, &((geometry.group_blocks(group) - geometry.group_used_blocks(group)) as u16).to_le_bytes());
    put(0x0e, &free_inodes.to_le_bytes());
    put(0x10, &directories.to_le_bytes());
    put(0x12, &flags.to_le_bytes());
    put(0x1c, &free_inodes.to_le_bytes());
    let checksum = crc16(crc16(seed, &(group as u32).to_le_bytes()), &descriptor[..0x1e]);
    descriptor[0x1e..].copy_from_slice(&checksum.to_le_bytes());
    descriptor
}

/// CRC-16/ARC, reflected, as the kernel's `crc16()`; a nibble at a time is quick enough for 131,072 groups.
fn crc16(mut crc: u16, bytes: &[u8]) -> u16 {
    const TABLE: [u16; 16] = [
        0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01,
        0x8801, 0x4400,
    ];
    for byte in bytes {
        crc ^= u16::from(*byte);
        crc = (crc >> 4) ^ TABLE[usize::from(crc & 0xf)];
        crc = (crc >> 4) ^ TABLE[usize::from(crc & 0xf)];
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::crc16;

    #[test]
    fn computes_the_check_value_of_crc_16_arc() {
        assert_eq!(crc16(0, b"123456789"), 0xbb3d);
    }
}
