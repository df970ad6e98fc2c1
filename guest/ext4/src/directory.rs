//! The root directory, lost+found, and their inodes.

use crate::geometry::{Geometry, INODE_BYTES};
use crate::{BLOCK_BYTES, FormatOptions};

const ROOT_INODE: u32 = 2;
const LOST_AND_FOUND_INODE: u32 = 11;
const FILE_TYPE_DIRECTORY: u8 = 2;
const MODE_DIRECTORY: u16 = 0o040_000;
const INODE_FLAG_EXTENTS: u32 = 0x8_0000;
const EXTENT_MAGIC: u16 = 0xf30a;
/// How much of the inode's second half is in use: sub-second times and the time of creation.
pub const INODE_EXTRA_BYTES: u16 = 32;

pub fn root_block() -> Vec<u8> {
    directory_block(&[(ROOT_INODE, "."), (ROOT_INODE, ".."), (LOST_AND_FOUND_INODE, "lost+found")])
}

/// e2fsck wants it to be there; one block is enough for a disk that nobody repairs.
pub fn lost_and_found_block() -> Vec<u8> {
    directory_block(&[(LOST_AND_FOUND_INODE, "."), (ROOT_INODE, "..")])
}

/// The first block of the inode table, sixteen inodes.
pub fn first_inodes(geometry: &Geometry, options: &FormatOptions) -> Vec<u8> {
    let mut block = vec![0; BLOCK_BYTES as usize];
    let root = directory_inode(0o755, 3, geometry.root_directory_block(), options.created_unix_s);
    let lost_and_found = directory_inode(0o700, 2, geometry.lost_and_found_block(), options.created_unix_s);
    for (number, inode) in [(ROOT_INODE, root), (LOST_AND_FOUND_INODE, lost_and_found)] {
        let start = (u64::from(number - 1) * INODE_BYTES) as usize;
        block[start..start + inode.len()].copy_from_slice(&inode);
    }
    block
}

fn directory_block(entries: &[(u32, &str)]) -> Vec<u8> {
    let mut block = Vec::with_capacity(BLOCK_BYTES as usize);
    for (index, (inode, name)) in entries.iter().enumerate() {
        let is_last = index + 1 == entries.len();
        let record_bytes =
            if is_last { BLOCK_BYTES as usize - block.len() } else { (8 + name.len()).next_multiple_of(4) };
        let end = block.len() + record_bytes;
        block.extend_from_slice(&inode.to_le_bytes());
        block.extend_from_slice(&(record_bytes as u16).to_le_bytes());
        block.push(name.len() as u8);
        block.push(FILE_TYPE_DIRECTORY);
        block.extend_from_slice(name.as_bytes());
        block.resize(end, 0);
    }
    block
}

fn directory_inode(permissions: u16, links: u16, data_block: u64, created_unix_s: u32) -> Vec<u8> {
    let mut inode = vec![0; INODE_BYTES as usize];
    let mut put = |offset: usize, value: &[u8]| inode[offset..offset + value.len()].copy_from_slice(value);
    let time = created_unix_s.to_le_bytes();
    put(0x00, &(MODE_DIRECTORY | permissions).to_le_bytes());
    put(0x04, &(BLOCK_BYTES as u32).to_le_bytes());
    put(0x08, &time);
    put(0x0c, &time);
    put(0x10, &time);
    put(0x1a, &links.to_le_bytes());
    // In units of 512 bytes.
    put(0x1c, &((BLOCK_BYTES / 512) as u32).to_le_bytes());
    put(0x20, &INODE_FLAG_EXTENTS.to_le_bytes());
    // An extent tree of one leaf: header (one entry of four, depth 0), then block 0, length 1.
    put(0x28, &EXTENT_MAGIC.to_le_bytes());
    put(0x2a, &1u16.to_le_bytes());
    put(0x2c, &4u16.to_le_bytes());
    put(0x38, &1u16.to_le_bytes());
    put(0x3c, &(data_block as u32).to_le_bytes());
    put(0x80, &INODE_EXTRA_BYTES.to_le_bytes());
    put(0x90, &time);
    inode
}
