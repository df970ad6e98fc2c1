//! Where everything is: a pure function of the disk's size and the wish for inodes.
//!
//! Each group begins with its own block bitmap, inode bitmap and inode table; the first one has superblock and
//! descriptors before them, and the two directories behind.

use crate::{BLOCK_BYTES, DISK_BYTES_MAX, DISK_BYTES_MIN, Error};

/// As many as one bitmap block has bits.
pub const BLOCKS_PER_GROUP: u64 = BLOCK_BYTES * 8;

/// Room for extended attributes beside the inode's own 160 bytes, so that most files need no block for them.
pub const INODE_BYTES: u64 = 256;

pub const DESCRIPTOR_BYTES: u64 = 32;

/// 1 to 10 are the file system's own, 11 is lost+found.
pub const INODES_USED: u64 = 11;

/// A last group with less room for data than this is left out.
const LAST_GROUP_DATA_BLOCKS_MIN: u64 = 50;

const INODES_PER_BLOCK: u64 = BLOCK_BYTES / INODE_BYTES;

/// The layout of one file system, in blocks of `BLOCK_BYTES`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Geometry {
    pub blocks: u64,
    pub groups: u64,
    pub inodes_per_group: u64,
    pub descriptor_blocks: u64,
    pub inode_table_blocks: u64,
}

impl Geometry {
    pub fn for_disk(bytes: u64, bytes_per_inode: u32) -> Result<Self, Error> {
        if bytes < DISK_BYTES_MIN {
            return Err(Error::TooSmall { bytes });
        }
        if bytes > DISK_BYTES_MAX {
            return Err(Error::TooLarge { bytes });
        }
        let disk_blocks = bytes / BLOCK_BYTES;
        let group_blocks = disk_blocks.min(BLOCKS_PER_GROUP);
        let inodes_per_group = (group_blocks * BLOCK_BYTES / u64::from(bytes_per_inode))
            .next_multiple_of(INODES_PER_BLOCK)
            .clamp(INODES_PER_BLOCK * 2, BLOCKS_PER_GROUP / 2);
        let inode_table_blocks = inodes_per_group / INODES_PER_BLOCK;

        let mut groups = disk_blocks.div_ceil(BLOCKS_PER_GROUP);
        let mut blocks = disk_blocks;
        let last_group_blocks = disk_blocks - (groups - 1) * BLOCKS_PER_GROUP;
        if groups > 1 && last_group_blocks < 2 + inode_table_blocks + LAST_GROUP_DATA_BLOCKS_MIN {
            groups -= 1;
            blocks = groups * BLOCKS_PER_GROUP;
        }
        let descriptor_blocks = (groups * DESCRIPTOR_BYTES).div_ceil(BLOCK_BYTES);
        Ok(Self { blocks, groups, inodes_per_group, descriptor_blocks, inode_table_blocks })
    }

    pub fn inodes(&self) -> u64 {
        self.groups * self.inodes_per_group
    }

    /// Blocks of one group, the last may be short.
    pub fn group_blocks(&self, group: u64) -> u64 {
        (self.blocks - group * BLOCKS_PER_GROUP).min(BLOCKS_PER_GROUP)
    }

    /// Blocks of a group that are in use in the empty file system; they are its first ones.
    pub fn group_used_blocks(&self, group: u64) -> u64 {
        let metadata = 2 + self.inode_table_blocks;
        if group == 0 { 1 + self.descriptor_blocks + metadata + 2 } else { metadata }
    }

    pub fn free_blocks(&self) -> u64 {
        self.blocks - self.group_used_blocks(0) - (self.groups - 1) * self.group_used_blocks(1)
    }

    pub fn block_bitmap_block(&self, group: u64) -> u64 {
        group * BLOCKS_PER_GROUP + if group == 0 { 1 + self.descriptor_blocks } else { 0 }
    }

    pub fn inode_bitmap_block(&self, group: u64) -> u64 {
        self.block_bitmap_block(group) + 1
    }

    pub fn inode_table_block(&self, group: u64) -> u64 {
        self.block_bitmap_block(group) + 2
    }

    pub fn root_directory_block(&self) -> u64 {
        self.inode_table_block(0) + self.inode_table_blocks
    }

    pub fn lost_and_found_block(&self) -> u64 {
        self.root_directory_block() + 1
    }

    pub fn block_bitmap(&self, group: u64) -> Vec<u8> {
        let mut bitmap = vec![0; BLOCK_BYTES as usize];
        set_bits(&mut bitmap, 0, self.group_used_blocks(group));
        set_bits(&mut bitmap, self.group_blocks(group), BLOCKS_PER_GROUP);
        bitmap
    }

    pub fn first_inode_bitmap(&self) -> Vec<u8> {
        let mut bitmap = vec![0; BLOCK_BYTES as usize];
        set_bits(&mut bitmap, 0, INODES_USED);
        set_bits(&mut bitmap, self.inodes_per_group, BLOCKS_PER_GROUP);
        bitmap
    }
}

/// Sets the bits from `start` up to, not including, `end`.
fn set_bits(bitmap: &mut [u8], start: u64, end: u64) {
    for bit in start..end {
        if let Some(byte) = bitmap.get_mut((bit / 8) as usize) {
            *byte |= 1 << (bit % 8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_a_last_group_without_room_for_data() {
        let whole = 4 * BLOCKS_PER_GROUP * BLOCK_BYTES;
        let geometry = Geometry::for_disk(whole + 64 * BLOCK_BYTES, 8192).unwrap();
        assert_eq!((geometry.groups, geometry.blocks), (4, 4 * BLOCKS_PER_GROUP));
    }

    #[test]
    fn refuses_sizes_outside_its_range() {
        assert!(matches!(Geometry::for_disk(4096, 8192), Err(Error::TooSmall { bytes: 4096 })));
        assert!(matches!(Geometry::for_disk(1 << 44, 8192), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn sets_exactly_the_asked_bits() {
        let mut bitmap = [0u8; 4];
        set_bits(&mut bitmap, 3, 17);
        assert_eq!(bitmap, [0b1111_1000, 0xff, 0b1, 0]);
    }
}
