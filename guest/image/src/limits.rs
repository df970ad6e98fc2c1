//! How much one image may cost. The host sends its own numbers; a zero means the default here.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// One manifest, index or configuration.
    pub manifest_bytes: u64,
    /// All layers together, as the registry sends them.
    pub compressed_bytes: u64,
    /// All layers together, as archives after decompression.
    pub unpacked_bytes: u64,
    /// Entries of all archives together, and directories made without an entry.
    pub files: u64,
    pub layers: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // What the reference registry itself accepts.
            manifest_bytes: 4 * 1024 * 1024,
            compressed_bytes: 16 << 30,
            unpacked_bytes: 64 << 30,
            // Larger than the largest language images by a factor of four.
            files: 2_000_000,
            // What image builders keep to, since overlayfs has taken no more.
            layers: 128,
        }
    }
}

impl Limits {
    /// The given numbers, zeros replaced by the defaults.
    #[must_use]
    pub fn or_default(self) -> Self {
        let default = Self::default();
        let pick = |value: u64, fallback: u64| if value == 0 { fallback } else { value };
        Self {
            manifest_bytes: pick(self.manifest_bytes, default.manifest_bytes),
            compressed_bytes: pick(self.compressed_bytes, default.compressed_bytes),
            unpacked_bytes: pick(self.unpacked_bytes, default.unpacked_bytes),
            files: pick(self.files, default.files),
            layers: if self.layers == 0 { default.layers } else { self.layers },
        }
    }
}
