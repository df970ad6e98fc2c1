//! The superblock, inside the disk's first block.

use crate::directory::INODE_EXTRA_BYTES;
use crate::geometry::{BLOCKS_PER_GROUP, Geometry, INODE_BYTES, INODES_USED};
use crate::{BLOCK_BYTES, FormatOptions};

/// Where it begins in the first block, which leaves room for a boot sector.
const SUPERBLOCK_OFFSET: usize = 1024;

const COMPATIBLE_EXTENDED_ATTRIBUTES: u32 = 0x0008;
const COMPATIBLE_DIRECTORY_INDEX: u32 = 0x0020;
/// Says where backups are; with both places zero there are none.
const COMPATIBLE_SPARSE_SUPERBLOCKS_2: u32 = 0x0200;
const INCOMPATIBLE_FILE_TYPE: u32 = 0x0002;
const INCOMPATIBLE_EXTENTS: u32 = 0x0040;
const READ_ONLY_SPARSE_SUPERBLOCKS: u32 = 0x0001;
const READ_ONLY_LARGE_FILES: u32 = 0x0002;
const READ_ONLY_HUGE_FILES: u32 = 0x0008;
const READ_ONLY_GROUP_CHECKSUMS: u32 = 0x0010;
const READ_ONLY_MANY_LINKS: u32 = 0x0020;
const READ_ONLY_EXTRA_INODE_BYTES: u32 = 0x0040;

const STATE_CLEAN: u16 = 1;
/// A damaged disk becomes read-only instead of spreading the damage.
const ON_ERROR_READ_ONLY: u16 = 2;
const MOUNT_USER_ATTRIBUTES_AND_ACLS: u32 = 0x000c;
const HASH_HALF_MD4: u8 = 1;
const FLAG_SIGNED_HASH: u32 = 1;
const FIRST_FREE_INODE: u32 = 11;

pub fn first_block(geometry: &Geometry, options: &FormatOptions) -> Vec<u8> {
    let mut block = vec![0; BLOCK_BYTES as usize];
    let mut put = |offset: usize, value: &[u8]| {
        let start = SUPERBLOCK_OFFSET + offset;
        block[start..start + value.len()].copy_from_slice(value);
    };
    let time = options.created_unix_s.to_le_bytes();
    let log_block = (BLOCK_BYTES.ilog2() - 10).to_le_bytes();
    let reserved = geometry.blocks * u64::from(options.reserved_percent) / 100;
    put(0x00, &(geometry.inodes() as u32).to_le_bytes());
    put(0x04, &(geometry.blocks as u32).to_le_bytes());
    put(0x08, &(reserved as u32).to_le_bytes());
    put(0x0c, &(geometry.free_blocks() as u32).to_le_bytes());
    put(0x10, &((geometry.inodes() - INODES_USED) as u32).to_le_bytes());
    put(0x18, &log_block);
    put(0x1c, &log_block);
    put(0x20, &(BLOCKS_PER_GROUP as u32).to_le_bytes());
    put(0x24, &(BLOCKS_PER_GROUP as u32).to_le_bytes());
    put(0x28, &(geometry.inodes_per_group as u32).to_le_bytes());
    put(0x30, &time);
    put(0x36, &u16::MAX.to_le_bytes());
    put(0x38, &0xef53u16.to_le_bytes());
    put(0x3a, &STATE_CLEAN.to_le_bytes());
    put(0x3c, &ON_ERROR_READ_ONLY.to_le_bytes());
    put(0x40, &time);
    put(0x4c, &1u32.to_le_bytes());
    put(0x54, &FIRST_FREE_INODE.to_le_bytes());
    put(0x58, &(INODE_BYTES as u16).to_le_bytes());
    put(
        0x5c,
        &(COMPATIBLE_EXTENDED_ATTRIBUTES | COMPATIBLE_DIRECTORY_INDEX | COMPATIBLE_SPARSE_SUPERBLOCKS_2).to_le_bytes(),
    );
    put(0x60, &(INCOMPATIBLE_FILE_TYPE | INCOMPATIBLE_EXTENTS).to_le_bytes());
    let read_only = READ_ONLY_SPARSE_SUPERBLOCKS
        | READ_ONLY_LARGE_FILES
        | READ_ONLY_HUGE_FILES
        | READ_ONLY_GROUP_CHECKSUMS
        | READ_ONLY_MANY_LINKS
        | READ_ONLY_EXTRA_INODE_BYTES;
    put(0x64, &read_only.to_le_bytes());
    put(0x68, &options.uuid);
    put(0x78, options.label.as_bytes());
    put(0xec, &options.hash_seed);
    put(0xfc, &[HASH_HALF_MD4]);
    put(0x100, &MOUNT_USER_ATTRIBUTES_AND_ACLS.to_le_bytes());
    put(0x108, &time);
    put(0x15c, &INODE_EXTRA_BYTES.to_le_bytes());
    put(0x15e, &INODE_EXTRA_BYTES.to_le_bytes());
    put(0x160, &FLAG_SIGNED_HASH.to_le_bytes());
    block
}
