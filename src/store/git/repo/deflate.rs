//! Compression as git's objects have it.

use std::io::{Error, Result};

use gix::zlib::Status;
use gix::zlib::stream::deflate::{Compress, FlushCompress};

/// The step in which the output grows, in bytes.
const ROOM: usize = 4 * 1024;

/// Appends the compressed form of `data`; `last` ends the stream.
pub(super) fn append(
    deflate: &mut Compress,
    mut data: &[u8],
    last: bool,
    out: &mut Vec<u8>,
) -> Result<()> {
    let flush = if last {
        FlushCompress::Finish
    } else {
        FlushCompress::None
    };
    loop {
        let begin = out.len();
        out.resize(begin + ROOM, 0);
        let (read, written) = (deflate.total_in(), deflate.total_out());
        let status = deflate
            .compress(data, &mut out[begin..], flush)
            .map_err(|e| Error::other(e.to_string()))?;
        let read = usize::try_from(deflate.total_in() - read).unwrap_or(data.len());
        let written = usize::try_from(deflate.total_out() - written).unwrap_or(0);
        out.truncate(begin + written);
        data = &data[read..];
        match status {
            Status::StreamEnd => return Ok(()),
            _ if !last && data.is_empty() => return Ok(()),
            _ if read == 0 && written == 0 => return Err(Error::other("no progress")),
            _ => {}
        }
    }
}

/// Appends a zlib stream (RFC 1950) that holds some parts uncompressed, in one stored block (RFC
/// 1951, section 3.2.4): together they must have less than 65,536 bytes.
pub(super) fn store(parts: &[&[u8]], out: &mut Vec<u8>) {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    // Deflate with a window of 32 KB, the fastest level; then the last block, stored.
    out.extend([0x78, 0x01, 0x01]);
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    let (mut a, mut b) = (1u32, 0u32);
    for part in parts {
        out.extend_from_slice(part);
        for byte in *part {
            a = (a + u32::from(*byte)) % 65_521;
            b = (b + a) % 65_521;
        }
    }
    out.extend((b << 16 | a).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inflated(bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![0; 100_000];
        let mut inflate = gix::zlib::Inflate::default();
        let (_, _, written) = inflate.once(bytes, &mut out).unwrap();
        out.truncate(written);
        out
    }

    #[test]
    fn stored_and_compressed_data_is_read_back() {
        let text = b"a text that goes on and on, ".repeat(140);
        for length in [0, 1, 2, 255, 256, 3_900] {
            let mut stored = Vec::new();
            store(&[b"blob 7\0", &text[..length]], &mut stored);
            let whole = [b"blob 7\0", &text[..length]].concat();
            assert_eq!(inflated(&stored), whole, "{length} bytes");
            let mut deflate = Compress::new(gix::zlib::Compression::BEST_SPEED);
            let mut compressed = Vec::new();
            append(&mut deflate, &whole[..3], false, &mut compressed).unwrap();
            append(&mut deflate, &whole[3..], true, &mut compressed).unwrap();
            assert_eq!(inflated(&compressed), whole, "{length} bytes");
        }
    }
}
