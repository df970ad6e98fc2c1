//! Layers as plain archives, whatever they are compressed with.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Base-2 logarithm of the largest window a zstd layer may ask for: 64 MiB of a small microVM's memory. The zstd program itself
/// stays below 128 MiB unless told otherwise, image builders below 8.
const ZSTD_WINDOW_LOG_MAX: u32 = 26;

/// Bytes taken from the layer at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// Looks at the first bytes rather than the media type, which registries and builders get wrong.
pub fn decompressed<'a>(layer: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut layer = BufReader::with_capacity(BUFFER_BYTES, layer);
    // A buffer that holds fewer bytes than a magic number is filled by a layer that short, or by a slow first packet.
    let start = peek(&mut layer)?;
    if start.starts_with(&GZIP_MAGIC) {
        return Ok(Box::new(MultiGzDecoder::new(io::Cursor::new(start).chain(layer))));
    }
    if start == ZSTD_MAGIC {
        let mut decoder = zstd::Decoder::with_buffer(io::Cursor::new(start).chain(layer))?;
        decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
        return Ok(Box::new(decoder));
    }
    Ok(Box::new(io::Cursor::new(start).chain(layer)))
}

/// Up to four bytes, fewer only where the layer is that short.
fn peek(layer: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(ZSTD_MAGIC.len());
    layer.take(ZSTD_MAGIC.len() as u64).read_to_end(&mut start)?;
    Ok(start)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn plain(layer: &[u8]) -> Vec<u8> {
        let mut content = Vec::new();
        decompressed(layer).unwrap().read_to_end(&mut content).unwrap();
        content
    }

    #[test]
    fn recognizes_each_compression() {
        let content = b"layer ".repeat(1000);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(&content).unwrap();
        assert_eq!(plain(&gzip.finish().unwrap()), content);
        assert_eq!(plain(&zstd::encode_all(&content[..], 3).unwrap()), content);
        assert_eq!(plain(&content), content);
        assert_eq!(plain(b"x"), b"x");
        assert_eq!(plain(b""), b"");
    }

    #[test]
    fn reads_gzip_made_of_several_members() {
        let mut layer = Vec::new();
        for part in [&b"one "[..], b"two"] {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(part).unwrap();
            layer.extend(gzip.finish().unwrap());
        }
        assert_eq!(plain(&layer), b"one two");
    }
}
